import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { freshLayout } from './layout.ts'
import { pushLayout } from './push-layout.ts'
import { webRoot, webRun } from './starter.ts'

/** Names below the registry's host. */
export const demoImages = { web: 'demo/web:1', layers: 'demo/layers:1', large: 'demo/large:1' } as const

/** Packed bytes of the large image. */
const largeBytes = 155_000_000
const layerBytes = 90_000_000

async function inScratch<T>(run: (root: string) => Promise<T>): Promise<T> {
  const root = await mkdtemp(join(tmpdir(), 'flotilla-demo-'))
  try {
    await chmod(root, 0o755)
    return await run(root)
  } finally {
    await rm(root, { recursive: true })
  }
}

/** A web server with a page of its own. */
export function makeWebImage(dir: string): Promise<void> {
  return inScratch(async (root) => {
    await webRoot(root, 'A demo web server')
    const layout = await freshLayout(dir)
    await layout.addLayer({ folder: root, createdBy: 'web server' })
    await layout.finish(webRun)
  })
}

/** A step of the layered image: contents by path; null is a whiteout, `->x` a link, a name ending in `/` a folder. */
const steps: Record<string, string | null>[] = [
  { 'app/version': '1', 'app/data/a': 'a1', 'app/data/b': 'b1', 'app/keep': 'kept', 'swap/dir/f': 'in a folder' },
  { 'app/version': '2', 'app/data/c': 'c2', 'app/link': '->keep' },
  { 'app/data/a': null },
  { 'app/data/a': 'a4 again' },
  { 'app/cache/one': '1', 'app/cache/two': '2', 'app/cache/deep/three': '3' },
  { 'app/cache/.wh..wh..opq': '', 'app/cache/new': 'alone' },
  { 'app/version': '7', 'swap/dir': 'now a file' },
  { 'app/data': null, 'app/gone/': '', 'app/link': '->version' },
  { 'app/data/fresh': 'after the folder went', 'swap/dir': null },
]

/** Ten layers of which later ones change, delete, hide and bring back what earlier ones have; gzip, zstd and plain by turns. */
export async function makeLayeredImage(dir: string): Promise<void> {
  const layout = await freshLayout(dir)
  await inScratch(async (root) => {
    await webRoot(root, 'Ten layers')
    await layout.addLayer({ folder: root, createdBy: 'web server' })
  })
  for (const [at, step] of steps.entries()) {
    await inScratch(async (root) => {
      for (const [name, content] of Object.entries(step)) await put(root, name, content)
      const compression = (['gzip', 'zstd', 'none'] as const)[at % 3]
      await layout.addLayer({ folder: root, compression, createdBy: `step ${at + 1}` })
    })
  }
  await layout.finish(webRun)
}

async function put(root: string, name: string, content: string | null): Promise<void> {
  const path = join(root, name)
  await mkdir(dirname(path), { recursive: true })
  if (content === null) await writeFile(join(dirname(path), `.wh.${name.split('/').at(-1)}`), '')
  else if (name.endsWith('/')) await mkdir(path, { recursive: true })
  else if (content.startsWith('->')) await symlink(content.slice(2), path)
  else await writeFile(path, content)
}

/** 155 MB or more packed, in layers of this machine's own programs and libraries. */
export async function makeLargeImage(dir: string): Promise<void> {
  const layout = await freshLayout(dir)
  let packed = await inScratch(async (root) => {
    await webRoot(root, 'A large image')
    return layout.addLayer({ folder: root, createdBy: 'web server' })
  })
  let paths: string[] = []
  let bytes = 0
  for await (const [path, size] of systemFiles()) {
    paths.push(path)
    bytes += size
    if (bytes < layerBytes) continue
    packed += await layout.addLayer({ folder: '/', paths, createdBy: `${paths.length} files of this system` })
    paths = []
    bytes = 0
    if (packed >= largeBytes) break
  }
  if (packed < largeBytes) throw new Error('This system has too few files in /usr for the large demo image.')
  await layout.finish(webRun)
}

/** Files of 4 kB to 8 MB below the packages' folders, in a steady order: as mixed as those of a real image. */
async function* systemFiles(): AsyncGenerator<[string, number]> {
  for (const top of ['usr/bin', 'usr/lib', 'usr/sbin', 'usr/share']) {
    const entries = await readdir(join('/', top), { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    for (const path of files.sort()) {
      const { size } = await stat(path)
      if (size >= 4096 && size <= 8_000_000 && /^[\x20-\x7e]+$/.test(path)) yield [path.slice(1), size]
    }
  }
}

/** Fills a registry with all three. `cache`: where the layouts are made, and kept for the next time. */
export async function pushDemoImages(host: string, cache: string, signal: AbortSignal): Promise<void> {
  const makers = { web: makeWebImage, layers: makeLayeredImage, large: makeLargeImage }
  for (const name of ['web', 'layers', 'large'] as const) {
    const dir = join(cache, name)
    const there = await stat(join(dir, 'index.json')).catch(() => undefined)
    if (there === undefined) await makers[name](dir)
    await pushLayout(dir, `${host}/${demoImages[name]}`, signal)
  }
}

const [, script, host, cache] = process.argv
if (script !== undefined && import.meta.url === pathToFileURL(resolve(script)).href) {
  if (host === undefined || cache === undefined)
    throw new Error('tsx packages/images/src/demo.ts REGISTRY CACHE-FOLDER')
  await pushDemoImages(host, resolve(cache), AbortSignal.timeout(600_000))
  process.stdout.write(
    `${Object.values(demoImages)
      .map((name) => `${host}/${name}`)
      .join('\n')}\n`,
  )
}
