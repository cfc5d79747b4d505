import { bundle } from '@flotilla/config/bundle'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

// Into the folder that is named, else dist. Nothing lies beside the program.
const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url))

/** What the client of Docker's API loads at once, for ways to a daemon and for builds that no call of ours takes. */
const unused = [
  { importer: 'dockerode/lib/docker.js', path: './session', is: 'A build session' }, // gRPC
  { importer: 'dockerode/lib/docker.js', path: './buildkit', is: "A build's progress" }, // protobufjs
  { importer: 'docker-modem/lib/modem.js', path: './ssh', is: 'A daemon behind SSH' }, // ssh2
]

/**
 * In place of it stands a function that says so.
 * @type {import('esbuild').Plugin}
 */
const withoutUnused = {
  name: 'without-unused',
  setup(bundling) {
    bundling.onResolve({ filter: /^\.\/(session|buildkit|ssh)$/ }, ({ importer, path }) => {
      const found = unused.find((one) => one.path === path && importer.endsWith(one.importer))
      return found && { path: found.is, namespace: 'unused' }
    })
    bundling.onLoad({ filter: /.*/, namespace: 'unused' }, ({ path }) => ({
      contents: `module.exports = () => { throw new Error(${JSON.stringify(`${path} is not part of this program.`)}) }`,
    }))
  },
}

await bundle({
  entryPoints: { agent: here('src/main.ts') },
  outdir: resolve(process.argv[2] ?? here('dist')),
  plugins: [withoutUnused],
  // The other side's: what the agent takes from the host room does without it.
  external: ['ssh2'],
})
