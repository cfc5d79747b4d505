import { build } from 'esbuild'
import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

// Two programs with all their code in one file each. The database's binaries, the migrations and the dashboard lie beside
// them and are named by the environment; see infra/up/build.mjs.
const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url))

await rm(here('dist'), { recursive: true, force: true })
await build({
  entryPoints: [here('src/main.ts'), here('src/admin.ts')],
  outdir: here('dist'),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  // ssh2 tries these and does without them.
  external: ['cpu-features', '*.node', 'pg-native'],
  // Packages in CommonJS call require, which a module does not have.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  logLevel: 'warning',
})
