import { z } from 'zod'
import { filterShapes } from './filter-shapes.ts'
import type { AnyNoun } from './noun.ts'

/** What every list is asked with. */
const common = {
  search: z.string().max(200).default(''),
  /** Opaque; from the page before. It holds a name of up to 500 characters, at worst six bytes each, in base64. */
  cursor: z.string().max(5000).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  order: z.enum(['asc', 'desc']).default('asc'),
}

/** What lists are asked with whose objects are on hosts. */
const onHosts = {
  hostId: z.string().max(128).optional(),
  engine: z.string().max(31).optional(),
}

/** A list's query: what is common to all, and the noun's own filters and sorts as text. */
export type ListQuery = z.infer<z.ZodObject<typeof common & typeof onHosts>> & {
  sort: string
  [filter: string]: unknown
}

/** The shape of the query of a noun's list, made of its view. */
export function listQuery(noun: AnyNoun): z.ZodObject {
  const { filters, sorts } = noun.view
  const [first = 'id', ...others] = Object.keys(sorts)
  return z.object({
    ...common,
    ...(noun.held === 'platform' ? {} : onHosts),
    ...filterShapes(filters),
    sort: z.enum([first, ...others]).default(first),
  })
}

/** The query of one noun's list, as its callers write it. */
export type ListInput<N extends AnyNoun> = Partial<
  z.input<z.ZodObject<N['held'] extends 'platform' ? typeof common : typeof common & typeof onHosts>>
> & {
  [Name in keyof N['view']['filters']]?: string
} & { sort?: keyof N['view']['sorts'] & string }
