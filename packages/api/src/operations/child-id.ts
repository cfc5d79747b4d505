import { idAfter } from '../fleet/call-options.ts'

/**
 * The id of the change that a step of an operation asks of its host: the same at each try. All of one operation begin alike,
 * and a host knows by their form that it keeps what they came to until that has been acknowledged.
 */
export function childId(operationId: string, key: string): string {
  return `sub-${idAfter(operationId, 'steps').slice(0, 16)}-${idAfter(operationId, `step ${key}`)}`
}
