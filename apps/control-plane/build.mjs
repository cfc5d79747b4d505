import { build } from 'esbuild'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

// Two programs with all their code in one file each. The database's binaries, the migrations and the dashboard lie beside
// them and are named by the environment; see infra/up/build.mjs. Into the folder that is named, else dist.
const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url))

await build({
  entryPoints: [here('src/main.ts'), here('src/admin.ts')],
  outdir: resolve(process.argv[2] ?? here('dist')),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  // ssh2 tries these and does without them.
  external: ['cpu-features', '*.node', 'pg-native'],
  // Packages in CommonJS use what a module does not have.
  banner: {
    js: `import { createRequire } from 'node:module';
const require = createRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;`,
  },
  logLevel: 'warning',
})
