import { build } from 'esbuild'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { wasmBeside } from './wasm-beside.mjs'

/**
 * Leaves out zod's sentences in some fifty languages, which no program of ours uses: they are more than half of it.
 * @type {import('esbuild').Plugin}
 */
const withoutLocales = {
  name: 'without-locales',
  setup(bundling) {
    bundling.onResolve({ filter: /\/locales\/index\.js$/ }, ({ importer }) =>
      /[\\/]zod[\\/]v4[\\/]/.test(importer) ? { path: 'none', namespace: 'locales' } : undefined,
    )
    bundling.onLoad({ filter: /.*/, namespace: 'locales' }, () => ({ contents: 'export {}' }))
  },
}

/**
 * Builds programs for Node, each with all its code in one file, but WebAssembly, which lies beside it. V8 keeps the whole
 * text of a program in memory as long as it runs, so it is kept small: no white space and no comments but licenses. Names
 * stay and lines are short, so that a stack says where it was.
 * @param {Pick<import('esbuild').BuildOptions, 'external' | 'plugins'> & { entryPoints: Record<string, string>, outdir: string }} options
 * @throws where a program holds a character beyond Latin-1: one, be it in a comment, and V8 keeps two bytes for all others
 */
export async function bundle({ entryPoints, outdir, external = [], plugins = [] }) {
  await build({
    ...{ entryPoints, outdir, external, plugins: [withoutLocales, wasmBeside, ...plugins] },
    ...{ bundle: true, platform: 'node', format: 'esm', target: 'node20', assetNames: '[name]', logLevel: 'warning' },
    ...{ minifyWhitespace: true, lineLimit: 160 },
    // Packages in CommonJS use what a module does not have.
    banner: {
      js: `import { createRequire } from 'node:module';
const require = createRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;`,
    },
  })
  for (const name of Object.keys(entryPoints)) {
    const wide = /.{0,60}[^\0-\xff].{0,20}/.exec(await readFile(join(outdir, `${name}.js`), 'utf8'))
    if (wide !== null) throw new Error(`${name}.js holds a character beyond Latin-1: ${wide[0]}`)
  }
}
