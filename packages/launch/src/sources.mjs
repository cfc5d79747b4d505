import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** What a build is made of. */
const parts = ['apps', 'packages', 'prisma', 'package.json', 'package-lock.json', 'turbo.json', 'infra/up']

/** What builds write themselves. */
const made = new Set(['node_modules', 'dist', 'out', '.next', '.turbo', 'generated', 'next-env.d.ts'])

/**
 * A short hash of everything that a build is made of: the same hash, the same build.
 * @param {string} root
 * @param {readonly string[]} of the folders and files that count
 * @returns {string} twelve hex digits
 */
export function sourceHash(root, of = parts) {
  const hash = createHash('sha256').update(`${process.version} ${process.platform} ${process.arch}`)
  for (const path of of.flatMap((part) => filesUnder(root, part)).sort()) {
    hash.update(`\0${path}\0`).update(readFileSync(join(root, path)))
  }
  return hash.digest('hex').slice(0, 12)
}

/**
 * @param {string} root
 * @param {string} path
 * @returns {string[]}
 */
function filesUnder(root, path) {
  if (!existsSync(join(root, path))) return []
  if (statSync(join(root, path)).isFile()) return [path]
  return readdirSync(join(root, path), { withFileTypes: true })
    .filter((entry) => !made.has(entry.name) && !/\.(test|spec)\.tsx?$|\.tsbuildinfo$/.test(entry.name))
    .flatMap((entry) => {
      const inner = join(path, entry.name)
      return entry.isDirectory() ? filesUnder(root, inner) : entry.isFile() ? [inner] : []
    })
}
