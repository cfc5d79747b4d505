import type { UseQueryOptions } from '@tanstack/react-query'
import type { NounName, NounRow } from '../navigation/nouns.ts'
import { useTrpc } from './trpc.ts'

export interface Found {
  items: readonly NounRow[]
  total: number
}

interface Procedures {
  list: { queryOptions: (input: { hostId?: string; search?: string; limit?: number }) => UseQueryOptions<Answer> }
  inspect: { queryOptions: (input: { id: string }) => UseQueryOptions<NounRow> }
}
/** The few hosts come all at once, every other list in pages. */
type Answer = Found | NounRow[]

/**
 * How to ask for a noun's list and for one of them where only what all nouns have is of interest. Every noun's router has both,
 * so the types of what is special about each are left aside here.
 */
export function useNounQueries(name: NounName): Procedures {
  return useTrpc()[name] as unknown as Procedures
}

export function foundIn(answer: Answer | undefined): Found {
  if (answer === undefined) return { items: [], total: 0 }
  return 'items' in answer ? answer : { items: answer, total: answer.length }
}
