import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readOrder } from './peer-process.ts'

// The least that an answer in JSON costs: node:http, and JSON.stringify of these values. A request's path names one.

const values = await readOrder<Record<string, unknown>>()
const server = createServer((request, response) => {
  const value = values[decodeURIComponent(request.url?.slice(1) ?? '')]
  if (value === undefined) {
    response.writeHead(404).end()
    return
  }
  const text = JSON.stringify(value)
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text)
})
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
