import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/**
 * A program for tests that start and kill it many times, as one file in `folder`, so that no start compiles anything.
 * Answers its path.
 */
export async function buildChild(source: string, folder: string): Promise<string> {
  const outfile = join(folder, 'child.mjs')
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['cpu-features', '*.node'],
    // Packages in CommonJS use what a module does not have.
    banner: {
      js: `import { createRequire } from 'node:module';
const require = createRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;`,
    },
    logLevel: 'warning',
  })
  return outfile
}

const programs = fileURLToPath(new URL('../../../node_modules/.cache/test-programs/', import.meta.url))
const built = new Map<string, Promise<string>>()

/**
 * A program for tests that all start the same one, built once by each process that runs tests: a start of it takes a fifth of
 * the processor's time that compiling it at each start would. Answers its path, at which there is a whole program at any moment.
 */
export function builtProgram(source: string): Promise<string> {
  const building = built.get(source) ?? buildProgram(source)
  built.set(source, building)
  return building
}

async function buildProgram(source: string): Promise<string> {
  await mkdir(programs, { recursive: true })
  const folder = await mkdtemp(join(programs, 'building-'))
  try {
    const path = join(programs, `${basename(source, '.ts')}.mjs`)
    await rename(await buildChild(source, folder), path)
    return path
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
