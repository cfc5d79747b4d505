import { byteRoutes, createRouter, streamingRoutes, unaryRoutes } from '@flotilla/api'
import { registry } from '@flotilla/protocol'
import { valuesOf } from '@flotilla/testkit/values-of'
import fc from 'fast-check'

/** What is sent to a route, before the names of objects that are there stand in it. */
export interface Asked {
  at: number
  /** Fields of the query or the body, or something else altogether. */
  input: unknown
  /** The body where that is bytes, or no JSON. */
  bytes: string | undefined
  id: string
  isHost: boolean
  isText: boolean
  /** After which a stream is left, in milliseconds. */
  leaveMs: number
}

export interface Route {
  method: string
  path: string
  input: Parameters<typeof valuesOf>[0]
  isBytes: boolean
  /** Its answer comes as long as it is read. */
  isStream: boolean
}

/** Every route of the OpenAPI document. */
export const routes: readonly Route[] = [
  ...unaryRoutes(createRouter()).map(({ method, path, input }) => ({
    ...{ method, path, input, isBytes: false, isStream: false },
  })),
  ...streamingRoutes.map(({ method, path, input }) => ({ method, path, input, isBytes: false, isStream: true })),
  ...byteRoutes(registry).map(({ method, path, input, isUpload }) => ({
    ...{ method, path, input, isBytes: isUpload, isStream: !isUpload },
  })),
]

/** What stands in a path: an object that is there, or nothing that is. */
const place = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('container', 'image', 'volume', 'network', 'operation', 'person') },
  { weight: 1, arbitrary: fc.constantFrom('', 'nobody', '%', '%00', '%2f', '%F0%9F', '..', 'sha256:') },
  { weight: 1, arbitrary: fc.string({ maxLength: 4 }).map(encodeURIComponent) },
)

/** What is of another type, or a text that no database takes. */
const anything = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('\0', 'a\0b', '\ud800'))
const otherwise = (values: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 60, arbitrary: values }, { weight: 1, arbitrary: anything })

const noJson = fc.oneof(fc.json(), fc.string({ unit: 'binary' }))
const inputs = routes.map(({ input }) => valuesOf(input, otherwise))

/** Any request below /api/v1. */
export const request: fc.Arbitrary<Asked> = fc.nat(routes.length - 1).chain((at) =>
  fc.record({
    ...{ at: fc.constant(at), input: inputs[at] ?? anything, id: place, isHost: fc.boolean(), isText: fc.boolean() },
    bytes: routes[at]?.isBytes === true ? noJson : fc.option(noJson, { nil: undefined, freq: 20 }),
    leaveMs: fc.constantFrom(0, 20, 200),
  }),
)

/** Any stream of the live channel: what it may be told, and what it may not. */
export const opening: fc.Arbitrary<Record<string, unknown>> = fc.record({
  kind: fc.constantFrom('logs', 'stats', 'terminal', 'operation', 'nothing'),
  input: fc.oneof(
    { weight: 1, arbitrary: anything },
    {
      weight: 9,
      arbitrary: fc.record(
        {
          ...{ id: place, container: place, session: place, hostId: place },
          ...{ tail: fc.oneof(fc.nat(50), anything), follow: fc.boolean(), intervalMs: fc.integer() },
        },
        { requiredKeys: ['id'] },
      ),
    },
  ),
})
