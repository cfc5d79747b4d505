import type { FlotillaError } from '@flotilla/protocol'
import {
  ErrorFacts,
  StreamAck,
  StreamClose,
  StreamOpen,
  findErrorKind,
  labelFilter,
  registry,
  toFlotillaError,
} from '@flotilla/protocol'
import { property, textOf } from '@flotilla/testkit/properties'
import { valuesOf } from '@flotilla/testkit/values-of'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import type { z } from 'zod'
import { FleetIndex } from '../fleet/fleet-index.ts'
import { everyHost } from '../fleet/host-sight.ts'
import { selectHosts } from '../hosts/select-hosts.ts'
import { createRouter } from '../router.ts'
import { coerceQuery } from './coerce.ts'
import { createRestApi, listProcedures } from './routes.ts'
import { streamingRoutes } from './streaming-routes.ts'
import { refuseUnknownFields } from './unknown-fields.ts'

const router = createRouter()
const api = createRestApi(router)

/** Every shape that something from outside has to have, by its name. */
const shapes = new Map<string, z.ZodType>(
  [
    ...registry.methodNames.map((name): [string, z.ZodType | undefined] => [name, registry.method(name)?.input]),
    ...listProcedures(router).map(({ name, input }): [string, z.ZodType] => [`procedure ${name}`, input]),
    ...streamingRoutes.map(({ path, input }): [string, z.ZodType] => [path, input]),
    ...api.bytes.map(({ name, input }): [string, z.ZodType] => [`bytes ${name}`, input]),
    ...Object.entries({ StreamOpen, StreamAck, StreamClose }),
  ].filter((each): each is [string, z.ZodType] => each[1] !== undefined),
)
const shapeOf = (name: string) => shapes.get(name) as z.ZodType

const anything = fc.jsonValue({ maxDepth: 2 })

/** The name of a shape with one of its values; each part may be something else instead. */
function asked(otherwise: number) {
  const wrap = (values: fc.Arbitrary<unknown>) =>
    otherwise === 0 ? values : fc.oneof({ weight: 100, arbitrary: values }, { weight: otherwise, arbitrary: anything })
  const made = new Map<string, fc.Arbitrary<unknown>>()
  return fc.constantFrom(...shapes.keys()).chain((name) => {
    const values = made.get(name) ?? valuesOf(shapeOf(name), wrap)
    made.set(name, values)
    return values.map((value) => ({ name, value }))
  })
}

/** That a failure can be told to a caller in full: its kind is known, and all that says more fits on the wire. */
function isSaid(thrown: unknown): void {
  const error = toFlotillaError(thrown)
  expect(error.code).toBe('INVALID_ARGUMENT')
  expect(findErrorKind(error.kind ?? '')).toBeDefined()
  expect(ErrorFacts.safeParse(error.facts()).error).toBeUndefined()
  expect(error.message).not.toMatch(/\{(field|most|least|values|format|expected|step)\}/)
}

describe('an input', () => {
  property(
    'of the right form is refused by the rules of its shape alone',
    [asked(0)],
    ({ name, value }) => {
      const parsed = shapeOf(name).safeParse(value)
      for (const issue of parsed.error?.issues ?? []) {
        const isRule = issue.code === 'custom' || findErrorKind(issue.message) !== undefined
        expect(isRule ? name : `${name}: ${issue.message} at ${issue.path.join('.')}`).toBe(name)
      }
      if (!parsed.success) isSaid(parsed.error)
    },
    { runs: 20 },
  )

  property(
    'that was read is the same when it is read once more, as by the agent after the control plane',
    [asked(0)],
    ({ name, value }) => {
      const shape = shapeOf(name)
      const parsed = shape.safeParse(value)
      if (parsed.success) expect(shape.parse(JSON.parse(JSON.stringify(parsed.data)))).toEqual(parsed.data)
    },
    { runs: 20 },
  )

  property(
    'that is wrong somewhere is refused in words that can be told',
    [asked(3)],
    ({ name, value }) => {
      const shape = shapeOf(name)
      const parsed = shape.safeParse(value)
      if (!parsed.success) isSaid(parsed.error)
      try {
        refuseUnknownFields(shape, value)
      } catch (error) {
        isSaid(error)
      }
    },
    { runs: 20 },
  )

  const names = fc.oneof(
    fc.constantFrom('labels', 'env', 'id', 'mounts', '__proto__', 'constructor', 'x'.repeat(5000)),
    fc.string({ unit: 'binary' }),
  )
  const body = fc.dictionary(names, fc.oneof(fc.jsonValue(), fc.dictionary(names, fc.jsonValue({ maxDepth: 1 }))))
  property(
    'of any kind is refused in words that can be told',
    [fc.constantFrom(...shapes.keys()), fc.oneof(body, fc.jsonValue())],
    (name, value) => {
      const shape = shapeOf(name)
      const parsed = shape.safeParse(value)
      if (!parsed.success) isSaid(parsed.error)
      try {
        refuseUnknownFields(shape, JSON.parse(JSON.stringify(value)))
      } catch (error) {
        isSaid(error)
      }
    },
  )

  const query = fc.array(
    fc.tuple(names, fc.oneof(fc.string(), fc.constantFrom('true', '0', '1e9', '-1', '9'.repeat(400)))),
    { maxLength: 4 },
  )
  property(
    'of an address is refused in words that can be told',
    [fc.constantFrom(...shapes.keys()), query],
    (name, pairs) => {
      const shape = shapeOf(name)
      const parsed = shape.safeParse(coerceQuery(shape, new URLSearchParams(pairs)))
      if (!parsed.success) isSaid(parsed.error)
    },
  )
})

describe('a path below /api/v1', () => {
  const path = textOf(
    ['/', '/', 'containers', 'hosts', 'volumes', 'files', 'start', 'logs', '..', '%', '%2f', '%00', '{id}', 'a'],
    9,
  )
  property('names a route, or none', [fc.constantFrom('GET', 'POST', 'DELETE', 'PUT', 'x'), path], (method, text) => {
    try {
      const matched = api.match(method, text)
      for (const value of Object.values(matched?.params ?? {})) expect(typeof value).toBe('string')
    } catch (error) {
      expect((error as FlotillaError).kind).toBe('request.badEscape')
    }
  })
})

const name = fc.oneof(
  fc.constantFrom('a', 'b', 'constructor', '__proto__', 'a=b'),
  fc.string({ minLength: 1, maxLength: 4 }),
)
const labels = fc.dictionary(name, fc.oneof(fc.constantFrom('', 'x', 'x=y', '='), fc.string({ maxLength: 4 })), {
  maxKeys: 4,
})

describe('what narrows a list', () => {
  property(
    'finds each label by its name, and by its value alone',
    [labels, name, fc.string({ maxLength: 3 })],
    (all, other, value) => {
      for (const [label, content] of Object.entries(all)) {
        expect(labelFilter.matching(label)({ labels: all }, nothing)).toBe(true)
        expect(labelFilter.matching(`${label}=${content}`)({ labels: all }, nothing)).toBe(true)
      }
      const isThere = Object.entries(all).some(([label, content]) =>
        [label, `${label}=${content}`].includes(`${other}=${value}`),
      )
      expect(labelFilter.matching(`${other}=${value}`)({ labels: all }, nothing)).toBe(isThere)
    },
  )

  const index = new FleetIndex('org')
  index.addHost({
    id: 'id-one',
    organisationId: 'org',
    name: 'one',
    transport: 'websocket',
    labels: { rack: 'b4', gpu: '' },
    groups: ['east'],
  })
  const selector = textOf(
    ['group:', 'label:', 'one', 'id-one', 'rack', '=', 'b4', 'gpu', 'east', '\n', 'constructor'],
    4,
  )
  property('names hosts, or says what is wrong with it', [selector], (text) => {
    try {
      expect(selectHosts(index, { organisationId: 'org', seesHost: everyHost }, text)).toHaveLength(1)
    } catch (error) {
      expect(['NOT_FOUND', 'INVALID_ARGUMENT']).toContain((error as FlotillaError).code)
      expect(ErrorFacts.safeParse((error as FlotillaError).facts()).success).toBe(true)
    }
  })
})

const nothing = { hostName: '', usage: null, users: () => 0, refersTo: () => false }
