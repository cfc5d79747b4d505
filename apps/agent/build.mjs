import { build } from 'esbuild'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

// One program with all its code in one file; nothing lies beside it. Into the folder that is named, else dist.
const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url))

await build({
  entryPoints: { agent: here('src/main.ts') },
  outdir: resolve(process.argv[2] ?? here('dist')),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  // ssh2 tries these and does without them.
  external: ['cpu-features', '*.node'],
  // Packages in CommonJS use what a module does not have.
  banner: {
    js: `import { createRequire } from 'node:module';
const require = createRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;`,
  },
  logLevel: 'warning',
})
