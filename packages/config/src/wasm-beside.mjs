import { readFile } from 'node:fs/promises'

const module = /[/\\]([\w.]+)\.wasm-base64\.m?js$/

/**
 * WebAssembly that a package holds as base64 text goes as bytes into a file beside the program: as text it would be read,
 * parsed and kept in memory with the program, which is twice its size.
 * @type {import('esbuild').Plugin}
 */
export const wasmBeside = {
  name: 'wasm-beside',
  setup(bundling) {
    bundling.onLoad({ filter: module }, ({ path }) => ({
      contents: `import { readFileSync } from 'node:fs'
import file from ${JSON.stringify(`wasm-bytes:${path}`)}
export const wasm = readFileSync(new URL(file, import.meta.url))`,
    }))
    bundling.onResolve({ filter: /^wasm-bytes:/ }, ({ path: named }) => {
      const path = named.slice('wasm-bytes:'.length)
      return { path: `${module.exec(path)?.[1] ?? ''}.wasm`, namespace: 'wasm-bytes', pluginData: path }
    })
    bundling.onLoad({ filter: /.*/, namespace: 'wasm-bytes' }, async ({ pluginData }) => {
      const text = /["'`]([\w+/=]{1000,})["'`]/.exec(await readFile(String(pluginData), 'utf8'))?.[1]
      if (text === undefined) throw new Error(`${String(pluginData)} holds no WebAssembly as base64`)
      return { contents: Buffer.from(text, 'base64'), loader: 'file' }
    })
  },
}
