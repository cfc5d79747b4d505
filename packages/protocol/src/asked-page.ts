import { z } from 'zod'
import { filterShapes } from './filter-shapes.ts'
import { type Unary, unary } from './method.ts'
import type { Row, View } from './view.ts'

/** Most characters of a cursor. It holds a sort's key and an id of up to 500 characters, at worst six bytes each, in base64. */
const maxCursor = 8192

/** What a noun that is asked for states of its list, which engines give page by page. */
export interface PageFacts<Within extends z.ZodRawShape = z.ZodRawShape> {
  readonly permission: string
  /** What an engine may ask for besides: `MethodOptions.carries`. */
  readonly carries?: string
  /** Where it stands in REST; it names the parent. */
  readonly path: `/${string}`
  /** One line of what it lists. */
  readonly summary: string
  /** What the caller says beside the parent of which objects are meant: a folder of a volume. */
  readonly within?: Within
  /** So many objects an engine looks through for one page. What lies behind is not listed, and the page says so. */
  readonly bound: number
  /** Names of files and the like: passed on with nothing taken out. */
  readonly verbatim?: true
  readonly deadlineMs?: number
}

/** What a page is asked with beside its parent and what it is within. */
export interface PageQuery {
  cursor?: string | undefined
  limit: number
  search: string
  sort: string
}

/** What every page of a noun that is asked for is. */
export interface AskedPage<R> {
  items: R[]
  /** The cursor of the next page; null at the end. */
  next: string | null
  /** When the engine answered, by its own clock. */
  askedAt: string
  /** How many there are that fit, on all pages together, as far as they were looked through and can be listed. */
  total: number
  /** Some are missing: there are more than are looked through for a page, or some whose names are no text. */
  truncated: boolean
}

/** The input of a noun's list as its callers write it. */
export type PageInput<Field extends string, Within extends z.ZodRawShape, V extends View<never>> = {
  [Name in Field]: string
} & z.input<z.ZodObject<Within>> & { [Name in keyof V['filters']]?: string } & {
    cursor?: string | undefined
    limit?: number | undefined
    search?: string | undefined
    sort?: (keyof V['sorts'] & string) | undefined
  }

/** The list of a noun that is asked for. */
export type PageMethod<Field extends string, R, Within extends z.ZodRawShape, V extends View<never>> = Unary<
  PageInput<Field, Within, V>,
  { [Name in Field]: string } & z.output<z.ZodObject<Within>> & PageQuery,
  AskedPage<R>
> & {
  permission: string
  target: { kind: string; field: Field }
  rest: { method: 'GET'; path: `/${string}`; summary: string }
}

/** Makes the list of a noun that is asked for of what it states: its shape, its place in REST, whose rights it takes. */
export function pageMethod<
  const Field extends string,
  R extends Row,
  V extends View<R>,
  Within extends z.ZodRawShape,
>(noun: {
  parent: { kind: string; field: Field }
  row: z.ZodType<R>
  view: V
  page: PageFacts<Within>
}): PageMethod<Field, R, Within, V> {
  const { parent, row, view, page } = noun
  const { permission, carries, path, summary, within, bound, verbatim, deadlineMs } = page
  if (!path.includes(`{${parent.field}}`)) throw new Error(`${path} does not name the ${parent.kind}`)
  const method = unary(inputShape(parent.field, within, view), answerShape(row, bound), {
    ...{ permission, target: parent, rest: { method: 'GET', path, summary } },
    ...(verbatim === undefined ? {} : { verbatim }),
    ...(carries === undefined ? {} : { carries }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  })
  return method as unknown as PageMethod<Field, R, Within, V>
}

function inputShape(field: string, within: z.ZodRawShape | undefined, { filters, sorts }: View<never>): z.ZodObject {
  const [first = 'id', ...others] = Object.keys(sorts)
  return z.object({
    [field]: z.string().min(1).max(1000),
    ...within,
    ...filterShapes(filters),
    cursor: z.string().min(1).max(maxCursor).optional().describe('The `next` of the page before'),
    limit: z.number().int().min(1).max(1000).default(100),
    search: z.string().max(200).default(''),
    sort: z.enum([first, ...others]).default(first),
  })
}

function answerShape<R>(row: z.ZodType<R>, bound: number) {
  return z.object({
    items: z.array(row),
    next: z.string().max(maxCursor).nullable().describe('The cursor of the next page; null at the end'),
    askedAt: z.iso.datetime().describe("When the engine answered, by its host's clock"),
    total: z.number().int().nonnegative().describe('How many fit, on all pages, as far as they were looked through'),
    truncated: z
      .boolean()
      .describe(`Some are not listed: there are more than ${bound}, or some whose names are no UTF-8`),
  })
}
