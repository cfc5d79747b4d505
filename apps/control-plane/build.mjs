import { bundle } from '@flotilla/config/bundle'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

// The database's binaries, the migrations and the dashboard lie beside the programs and are named by the environment; see
// infra/up/build.mjs. Into the folder that is named, else dist.
const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url))

await bundle({
  entryPoints: { main: here('src/main.ts'), admin: here('src/admin.ts') },
  outdir: resolve(process.argv[2] ?? here('dist')),
  // ssh2 tries the first two and does without them.
  external: ['cpu-features', '*.node', 'pg-native'],
})
