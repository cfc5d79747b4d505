import { createHash } from 'node:crypto'
import { withoutDefaults } from '@flotilla/protocol'
import type { AnyOperation } from './define.ts'

/** What was asked and by whom, in 64 hex digits; what is kept nowhere is no part of it, nor are the defaults of this version. */
export function fingerprintOf(definition: AnyOperation, actorId: string, input: unknown): string {
  const asked = withoutDefaults(definition.input, definition.keep?.(input) ?? input)
  return createHash('sha256')
    .update(JSON.stringify([definition.kind, actorId, asked]))
    .digest('hex')
}
