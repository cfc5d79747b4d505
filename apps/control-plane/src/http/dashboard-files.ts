import { createHash } from 'node:crypto'
import { readFile, readdir, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'

const mostFiles = 20_000
const types: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json',
  map: 'application/json',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  ico: 'image/x-icon',
  webp: 'image/webp',
  woff2: 'font/woff2',
  woff: 'font/woff',
  webmanifest: 'application/manifest+json',
}

/** One file of the export as it can be answered. */
export interface DashboardFile {
  readonly path: string
  readonly type: string
  readonly size: number
  readonly etag: string
  /** Its name holds the hash of its content: it never changes. */
  readonly immutable: boolean
  readonly encodings: ReadonlyMap<'br' | 'gzip', string>
  /** A page's text and the hashes of its inline scripts. */
  readonly page?: { readonly html: string; readonly scriptHashes: readonly string[] }
}

/** Reads the export once: pages whole, of the rest what stands in a listing. Only what was found here is ever answered. */
export async function readDashboard(folder: string): Promise<Map<string, DashboardFile>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .slice(0, mostFiles)
    .map((entry) => join(entry.parentPath, entry.name))
  const known = new Set(paths)
  const files = new Map<string, DashboardFile>()
  for (const path of paths) {
    if (/\.(br|gz)$/.test(path) && known.has(path.replace(/\.(br|gz)$/, ''))) continue
    const name = `/${relative(folder, path)}`
    const { size, mtimeMs } = await stat(path)
    const encodings = new Map<'br' | 'gzip', string>()
    if (known.has(`${path}.br`)) encodings.set('br', `${path}.br`)
    if (known.has(`${path}.gz`)) encodings.set('gzip', `${path}.gz`)
    const type = types[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream'
    const etag = `"${createHash('sha256').update(`${name} ${size} ${mtimeMs}`).digest('base64url').slice(0, 16)}"`
    const immutable = name.startsWith('/_next/static/')
    const html = name.endsWith('.html') ? await readFile(path, 'utf8') : undefined
    const page = html === undefined ? undefined : { html, scriptHashes: inlineScriptHashes(html) }
    files.set(name, { path, type, size, etag, immutable, encodings, ...(page === undefined ? {} : { page }) })
  }
  return files
}

/** Base64 SHA-256 of each inline script, as a content security policy names them. */
export function inlineScriptHashes(html: string): string[] {
  const hashes = new Set<string>()
  for (const [, attributes = '', content = ''] of html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/gi)) {
    if (/\ssrc\s*=/i.test(attributes)) continue
    hashes.add(createHash('sha256').update(content).digest('base64'))
  }
  return [...hashes]
}
