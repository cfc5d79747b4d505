import { inputErrors, leastDigits, type Registry, registry, ReportedError } from '@flotilla/protocol'
import { type OpenApiRouter, generateOpenApiDocument } from 'trpc-to-openapi'
import { z } from 'zod'
import type { ByteRoute } from './byte-routes.ts'
import type { RestApi } from './routes.ts'
import { type StreamFormat, type StreamingRoute, streamingRoutes } from './streaming-routes.ts'

const mediaTypes: Record<StreamFormat, string> = { ndjson: 'application/x-ndjson', text: 'text/plain' }

const inputKinds = Object.keys(inputErrors).join(', ')

/** The OpenAPI 3.1 document of all routes below /api/v1, the streaming ones included. */
export function openApiDocument(
  { router, bytes }: Pick<RestApi, 'router' | 'bytes'>,
  publicUrl: string,
  version: string,
  nouns: Registry = registry,
): Record<string, unknown> {
  const document = generateOpenApiDocument(router as unknown as OpenApiRouter, {
    title: 'Flotilla',
    version,
    openApiVersion: '3.1.0',
    baseUrl: `${publicUrl}/api/v1`,
    description:
      'Send an API key as `Authorization: Bearer flk_…`. A failure is `{code, message, kind, params, field, objects}`. ' +
      `What is wrong with an input has one of these kinds, with its limits in \`params\`: ${inputKinds}.`,
    securitySchemes: { Authorization: { type: 'http', scheme: 'bearer' } },
  })
  const paths: Record<string, Record<string, unknown>> = { ...(document.paths as Record<string, never>) }
  for (const path of Object.values(paths)) {
    for (const operation of Object.values(path)) {
      replaceErrors(operation)
      closeBody(operation)
    }
  }
  for (const route of streamingRoutes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: streamingOperation(route) }
  }
  for (const route of bytes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: byteOperation(route) }
  }
  for (const { plural } of nouns.nouns) {
    for (const [path, operations] of Object.entries(paths)) {
      if (path.startsWith(`/${plural}/{id}`)) describeIds(operations)
    }
  }
  return { ...document, paths }
}

const ref = 'Its id, its name or an engine’s own id of it'
const idDescriptions = {
  read: `${ref}; of an id any number of its first digits that no other has.`,
  change: `${ref}; of an id its first ${leastDigits} digits or more, since what is called like fewer may have gone.`,
}

/** Says by what an object is found: what only reads takes less of an id than what changes anything. */
function describeIds(operations: Record<string, unknown>): void {
  for (const [method, operation] of Object.entries(operations)) {
    const { parameters = [] } = operation as { parameters?: { name: string; in: string; description?: string }[] }
    const id = parameters.find(({ name, in: place }) => name === 'id' && place === 'path')
    if (id !== undefined) id.description = idDescriptions[method === 'get' ? 'read' : 'change']
  }
}

const failure = {
  description: 'What went wrong and what to do',
  content: { 'application/json': { schema: z.toJSONSchema(ReportedError) } },
}

/** Ours say what went wrong with our own codes and kinds, at every status that the error table has. */
function replaceErrors(operation: unknown): void {
  if (typeof operation !== 'object' || operation === null || !('responses' in operation)) return
  const responses = operation.responses as Record<string, unknown>
  operation.responses = { 200: responses['200'], default: failure }
}

interface Schema {
  properties?: Record<string, Schema>
  additionalProperties?: unknown
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
}

/** Says of a body, and of each object in it, that a field which it does not have is refused (`refuseUnknownFields`). */
function closeBody(operation: unknown): void {
  const { requestBody } = operation as { requestBody?: { content: Record<string, { schema?: Schema }> } }
  for (const { schema } of Object.values(requestBody?.content ?? {})) if (schema !== undefined) close(schema)
}

function close(schema: Schema): void {
  const { properties = {}, additionalProperties: named, items, anyOf = [], oneOf = [] } = schema
  if (schema.properties !== undefined) schema.additionalProperties = false
  else if (typeof named === 'object' && named !== null) close(named)
  for (const inner of [...Object.values(properties), ...(items === undefined ? [] : [items]), ...anyOf, ...oneOf]) {
    close(inner)
  }
}

/** What the document says of every route that is no procedure. */
function operationOf(route: Pick<ByteRoute, 'input' | 'path' | 'summary'>, operationId: string) {
  const schema = z.toJSONSchema(route.input, { io: 'input' })
  const parameters = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const inPath = route.path.includes(`{${name}}`)
    return { name, in: inPath ? 'path' : 'query', required: inPath, schema: property }
  })
  return {
    operationId,
    summary: route.summary,
    tags: [route.path.split('/')[1]],
    security: [{ Authorization: [] }],
    parameters,
  }
}

function streamingOperation(route: StreamingRoute): Record<string, unknown> {
  const content = Object.fromEntries(
    route.formats.map((format) => [mediaTypes[format], { schema: { type: 'string' } }]),
  )
  return {
    ...operationOf(route, route.path.replace(/[{}]/g, '').split('/').filter(Boolean).join('-')),
    responses: { 200: { description: 'Lines, until the end or until you go', content }, default: failure },
  }
}

const anyBytes = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } }

function byteOperation(route: ByteRoute): Record<string, unknown> {
  const bytes = { description: 'The bytes', content: anyBytes }
  const written = ({ answer }: ByteRoute) => ({
    description: 'What was written',
    content: { 'application/json': { schema: answer === undefined ? {} : z.toJSONSchema(answer) } },
  })
  return {
    ...operationOf(route, route.name.replaceAll('.', '-')),
    ...(route.isUpload ? { requestBody: { required: true, content: anyBytes } } : {}),
    responses: { 200: route.isUpload ? written(route) : bytes, default: failure },
  }
}
