import type { z } from 'zod'
import { type PageFacts, type PageMethod, pageMethod } from './asked-page.ts'
import type { Method } from './method.ts'
import { defineNoun, type Noun, type NounDefinition } from './noun.ts'
import type { Row, View } from './view.ts'

type Definition<
  Kind extends string,
  R extends Row,
  Detail,
  Methods extends Readonly<Record<string, Method>>,
  V extends View<R>,
  Field extends string,
  Within extends z.ZodRawShape,
  Plural extends string,
> = Omit<NounDefinition<Kind, R, Detail, object, never, Methods, V, 'asked', Plural>, 'held' | 'parent'> & {
  readonly parent: { readonly kind: string; readonly field: Field }
  readonly page: PageFacts<Within>
}

/** Makes a noun that engines are asked for page by page. Its `list` follows from what it states of its page. */
export function definePagedNoun<
  const Kind extends string,
  R extends Row,
  Detail,
  const Methods extends Readonly<Record<string, Method>>,
  V extends View<R>,
  const Field extends string,
  Within extends z.ZodRawShape = Record<never, never>,
  const Plural extends string = string,
>(
  definition: Definition<Kind, R, Detail, Methods, V, Field, Within, Plural>,
): Noun<Kind, R, Detail, object, never, Methods & { list: PageMethod<Field, R, Within, V> }, V, 'asked', Plural> & {
  page: PageFacts<Within>
} {
  const list = pageMethod<Field, R, V, Within>(definition)
  const { page } = definition
  const methods = { ...definition.methods, list } as Methods & { list: PageMethod<Field, R, Within, V> }
  return { ...defineNoun({ ...definition, held: 'asked', methods }), page }
}
