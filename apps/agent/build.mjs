import { build } from 'esbuild'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

// One program with all its code in one file; nothing lies beside it. Into the folder that is named, else dist.
const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url))

/**
 * dockerode loads gRPC, 8 MB of an agent's memory, for builds that no call of ours makes: it is loaded when it is called.
 * @type {import('esbuild').Plugin}
 */
const lazySession = {
  name: 'lazy-session',
  setup(bundle) {
    bundle.onResolve({ filter: /^\.\/session$/ }, ({ importer, resolveDir }) =>
      importer.endsWith('dockerode/lib/docker.js')
        ? { path: join(resolveDir, 'session.js'), namespace: 'lazy-session' }
        : undefined,
    )
    bundle.onLoad({ filter: /.*/, namespace: 'lazy-session' }, ({ path }) => ({
      contents: `module.exports = (...args) => require(${JSON.stringify(path)})(...args)`,
      resolveDir: dirname(path),
    }))
  },
}

await build({
  entryPoints: { agent: here('src/main.ts') },
  outdir: resolve(process.argv[2] ?? here('dist')),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  // ssh2 tries these and does without them.
  external: ['cpu-features', '*.node'],
  plugins: [lazySession],
  // Packages in CommonJS use what a module does not have.
  banner: {
    js: `import { createRequire } from 'node:module';
const require = createRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;`,
  },
  logLevel: 'warning',
})
