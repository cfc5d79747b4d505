import { expect, test } from 'vitest'
import { z } from 'zod'
import { createRouter } from '../router.ts'
import { unaryRoutes } from './routes.ts'
import { refuseUnknownFields } from './unknown-fields.ts'

const routes = unaryRoutes(createRouter()).filter(({ method }) => method !== 'GET')

test.each(routes.map(({ method, path, input }) => [`${method} ${path}`, input] as const))(
  '%s refuses a field that it does not know',
  (_name, input) => {
    const refused = {
      kind: 'input.unknownField',
      code: 'INVALID_ARGUMENT',
      field: ['internl'],
      params: { field: 'internl' },
    }
    expect(() => refuseUnknownFields(input, { internl: true })).toThrow(expect.objectContaining(refused))
  },
)

const Shape = z.object({
  name: z.string().default(''),
  labels: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.object({ port: z.number() })).optional(),
  mount: z.union([z.object({ bind: z.string() }), z.object({ volume: z.string() }), z.string()]).optional(),
})

test.each([
  [{ ports: [{ port: 1 }, { port: 1, prot: 'udp' }] }, ['ports', 1, 'prot']],
  [{ mount: { volme: 'x' } }, ['mount', 'volme']],
])('what is inside of a body too: %j', (body, field) => {
  expect(() => refuseUnknownFields(Shape, body)).toThrow(expect.objectContaining({ field }))
})

test('names that a person chooses are no fields', () => {
  refuseUnknownFields(Shape, { name: 'a', labels: { any: 'b' }, ports: [{ port: 1 }], mount: { volume: 'x' } })
  refuseUnknownFields(Shape, { mount: 'x' })
})

test('a field of a name that is too long to be told is told by its beginning', () => {
  const refusal = expect.objectContaining({ field: ['x'.repeat(1000)] }) as unknown
  expect(() => refuseUnknownFields(Shape, { ['x'.repeat(5000)]: 1 })).toThrow(refusal as Error)
})
