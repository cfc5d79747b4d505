// Packs the files of a website once, so that whoever serves them sends them small and packs nothing itself.
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'

const packable = /\.(js|css|txt|svg|json|webmanifest)$/
const leastBytes = 1024
/** @type {[suffix: string, pack: (content: Buffer) => Promise<Buffer>][]} */
const ways = [
  ['.br', promisify(brotliCompress)],
  ['.gz', (content) => promisify(gzip)(content, { level: 9 })],
]

/**
 * Writes `FILE.br` and `FILE.gz` beside every file that gets smaller by it.
 * @param {string} folder
 */
export async function packFiles(folder) {
  const files = (await readdir(folder, { recursive: true })).filter((file) => packable.test(file))
  for (const file of files) {
    const content = await readFile(join(folder, file))
    if (content.length < leastBytes) continue
    for (const [suffix, pack] of ways) {
      const packed = await pack(content)
      if (packed.length < content.length) await writeFile(join(folder, file + suffix), packed)
    }
  }
}

/**
 * Bytes of script that a page loads in browsers of today, those that know modules, once its files are packed.
 * @param {string} folder where the page's addresses begin
 * @param {string} html
 */
export async function scriptBytes(folder, html) {
  const tags = [...html.matchAll(/<script\b([^>]*)>/g)].filter(([, attributes = '']) => !/\snomodule/i.test(attributes))
  const paths = new Set(tags.flatMap(([, attributes = '']) => /\ssrc="([^"]+\.js)"/.exec(attributes)?.[1] ?? []))
  const sizes = await Promise.all([...paths].map((path) => sentBytes(join(folder, path))))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** @param {string} path */
async function sentBytes(path) {
  const packed = await stat(`${path}.br`).catch(() => undefined) // what is too short is sent as it is
  return (packed ?? (await stat(path))).size
}
