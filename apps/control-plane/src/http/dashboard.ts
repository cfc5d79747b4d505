import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Logger } from '@flotilla/log'
import { fail } from '@flotilla/protocol'
import { type DashboardFile, readDashboard } from './dashboard-files.ts'
import { findDashboardFile } from './dashboard-routes.ts'
import { pagePolicy } from './security-headers.ts'

/** The dashboard's built folder as a website. */
export interface Dashboard {
  answer(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void>
}

/** Without a folder every path says so. */
export async function openDashboard(folder: string | undefined, log: Logger): Promise<Dashboard> {
  const files = folder === undefined ? new Map<string, DashboardFile>() : await readDashboard(folder)
  if (files.size === 0) log.warn({ folder }, 'there is no dashboard; only the interfaces are served')
  return {
    async answer(request, response, pathname) {
      const found = findDashboardFile(files, pathname)
      if (found !== undefined) return send(request, response, 200, found)
      const missing = files.get('/404.html')
      if (missing !== undefined) return send(request, response, 404, missing)
      throw fail('request.noPage')
    },
  }
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  file: DashboardFile,
): Promise<void> {
  response.setHeader('content-type', file.type)
  if (file.page !== undefined) {
    const nonce = randomBytes(16).toString('base64')
    const html = file.page.html.replaceAll('__CSP_NONCE__', nonce)
    response.setHeader('content-security-policy', pagePolicy(file.page.scriptHashes, nonce))
    response.setHeader('cache-control', 'no-store') // the nonce is this answer's alone
    response.setHeader('content-length', Buffer.byteLength(html))
    response.writeHead(status)
    response.end(request.method === 'HEAD' ? undefined : html)
    return
  }
  response.setHeader('etag', file.etag)
  response.setHeader('cache-control', file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache')
  if (request.headers['if-none-match'] === file.etag) {
    response.writeHead(304)
    response.end()
    return
  }
  const { path, encoding } = encoded(file, request.headers['accept-encoding'] ?? '')
  if (file.encodings.size > 0) response.setHeader('vary', 'accept-encoding')
  if (encoding === null) response.setHeader('content-length', file.size)
  else response.setHeader('content-encoding', encoding)
  response.writeHead(status)
  if (request.method === 'HEAD') response.end()
  else await pipeline(createReadStream(path), response)
}

function encoded(file: DashboardFile, accept: string): { path: string; encoding: string | null } {
  for (const encoding of ['br', 'gzip'] as const) {
    const path = file.encodings.get(encoding)
    if (path !== undefined && accepts(accept, encoding)) return { path, encoding }
  }
  return { path: file.path, encoding: null }
}

/** Whether an Accept-Encoding names a coding and does not refuse it by a weight of nothing (RFC 9110, 12.5.3). */
export function accepts(accept: string, coding: string): boolean {
  const part = accept.split(',').find((each) => each.split(';')[0]?.trim().toLowerCase() === coding)
  return part !== undefined && !/;\s*q=0(\.0*)?\s*$/i.test(part)
}
