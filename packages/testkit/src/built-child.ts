import { join } from 'node:path'
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
