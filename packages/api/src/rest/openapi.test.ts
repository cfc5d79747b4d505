import { registry } from '@flotilla/protocol'
import { expect, test } from 'vitest'
import { createRouter } from '../router.ts'
import { byteRoutes } from './byte-routes.ts'
import { openApiDocument } from './openapi.ts'
import { unaryRoutes } from './routes.ts'
import { refuseUnknownFields } from './unknown-fields.ts'

interface Schema {
  properties?: Record<string, Schema>
  additionalProperties?: unknown
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  $ref?: string
}
type Path = (string | number)[]
type Operations = Record<string, { requestBody?: { content: Record<string, { schema: Schema }> } }>

const router = createRouter()
const document = openApiDocument({ router, bytes: byteRoutes(registry) }, 'http://localhost', '1')
const paths = document['paths'] as Record<string, Operations>
const routes = unaryRoutes(router).flatMap((route) => {
  const body = paths[route.path]?.[route.method.toLowerCase()]?.requestBody?.content['application/json']
  return body === undefined ? [] : [{ ...route, schema: body.schema }]
})

/** Where an object with fields of its own stands in a body, however deep. */
function objectsIn(schema: Schema, at: Path = []): { at: Path; schema: Schema }[] {
  const inner = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])]
  const members = Object.entries(schema.properties ?? {})
  return [
    ...(schema.properties === undefined ? [] : [{ at, schema }]),
    ...members.flatMap(([name, member]) => objectsIn(member, [...at, name])),
    ...(schema.items === undefined ? [] : objectsIn(schema.items, [...at, 0])),
    ...inner.flatMap((option) => objectsIn(option, at)),
  ]
}

/** A body that has nothing but a field that nobody knows, in the object that stands there. */
function slipAt([first, ...rest]: Path): unknown {
  if (first === undefined) return { internl: true }
  return typeof first === 'number' ? [slipAt(rest)] : { [first]: slipAt(rest) }
}

test('every change that takes more than its path says is among these', () => {
  const fields = ({ input, path }: ReturnType<typeof unaryRoutes>[number]) =>
    Object.keys((input as { shape?: object }).shape ?? {}).filter((name) => !path.includes(`{${name}}`))
  const changes = unaryRoutes(router).filter(({ method }) => method !== 'GET' && method !== 'DELETE')
  const taking = changes.filter((route) => fields(route).length > 0)
  expect(routes.map(({ procedure }) => procedure)).toEqual(
    expect.arrayContaining(taking.map(({ procedure }) => procedure)),
  )
  expect(taking.length).toBeGreaterThan(25)
})

test('what changes an object says of how many digits of an id it takes, and what reads one of any', () => {
  const descriptionOf = (path: string, method: string) => {
    const operation = paths[path]?.[method] as { parameters?: { name: string; description?: string }[] } | undefined
    return operation?.parameters?.find(({ name }) => name === 'id')?.description
  }
  for (const path of ['/volumes/{id}', '/networks/{id}', '/containers/{id}']) {
    expect([path, descriptionOf(path, 'delete')]).toEqual([path, expect.stringContaining('first 12 digits or more')])
    expect([path, descriptionOf(path, 'get')]).toEqual([path, expect.stringContaining('any number')])
  }
  expect(descriptionOf('/volumes/{id}/content', 'put')).toContain('first 12 digits or more')
  expect(descriptionOf('/containers/{id}/logs', 'get')).toContain('any number')
})

test('what REST reads changes no object, so that its verb says how an id is taken', () => {
  for (const name of registry.methodNames) {
    const method = registry.method(name)
    if (method?.rest === undefined || method.target === undefined) continue
    expect([name, method.change === true]).toEqual([name, method.rest.method !== 'GET'])
  }
})

test('an upload says what it answers, as every other route does', () => {
  const uploads = byteRoutes(registry).filter(({ isUpload }) => isUpload)
  const answers = uploads.map(({ path, method }) => {
    const operation = paths[path]?.[method.toLowerCase()] as unknown as {
      responses: { 200: { content: Record<string, { schema: Schema }> } }
    }
    return Object.keys(operation.responses[200].content['application/json']?.schema.properties ?? {})
  })
  expect(answers.length).toBeGreaterThan(0)
  for (const fields of answers) expect(fields).not.toEqual([])
})

test.each(routes.map((route) => [route.method, route.path, route] as const))(
  '%s %s says of each object in its body that it takes no other field, as it does',
  (_method, _path, { schema, input }) => {
    for (const { at, schema: object } of objectsIn(schema)) {
      expect([at, object.additionalProperties]).toEqual([at, false])
      expect(() => refuseUnknownFields(input, slipAt(at))).toThrow(
        expect.objectContaining({ kind: 'input.unknownField', field: [...at, 'internl'] }),
      )
    }
  },
)

test('what a person names is a field of its own choosing, and nothing is said in a place of its own', () => {
  const create = routes.find(({ procedure }) => procedure === 'containers.create')
  expect(objectsIn(create?.schema ?? {}).length).toBeGreaterThan(5)
  expect(create?.schema.properties?.['labels']?.additionalProperties).toMatchObject({ type: 'string' })
  expect(JSON.stringify(routes.map(({ schema }) => schema))).not.toContain('$ref')
})
