import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { spawn } from '@flotilla/host'
import type { Compression } from '@flotilla/oci'
import { fail } from '@flotilla/protocol'
import { programEnd } from './program-end.ts'

/** What an archive may ask for to be unpacked; the largest levels of both need less. */
const mostMemory = '128MB'

/** Those that Node has not. */
const programs = {
  bzip2: ['bzip2', '-dcq'],
  xz: ['xz', '-dcq', `--memlimit-decompress=${mostMemory}`],
  zstd: ['zstd', '-dcq', '--no-progress', `--memory=${mostMemory}`],
}

/** A decompressor that waits for its input. */
export interface Decompressor {
  /** Undefined where the source is what it is. */
  output: AsyncIterable<Uint8Array> | undefined
  /** Feeds it, and ends with it. Throws what the source throws, and what is wrong with the bytes. */
  run(source: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>
  kill(): void
  /** Never fails: `run` tells. */
  ended: Promise<unknown>
}

/** Starts what unpacks this compression. Throws UNSUPPORTED, in `run`, where its program is missing. */
export function startDecompressor(compression: Compression): Decompressor {
  if (compression === 'none') {
    return { output: undefined, run: () => Promise.resolve(), kill() {}, ended: Promise.resolve() }
  }
  if (compression === 'gzip') {
    const gunzip = createGunzip({ chunkSize: 128 * 1024 })
    return {
      output: gunzip,
      run: (source, signal) => pipeline(Readable.from(source), gunzip, { signal }),
      kill: () => gunzip.destroy(),
      ended: Promise.resolve(),
    }
  }
  const child = spawn(programs[compression], { stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = programEnd(child, compression)
  const { stdin, stdout } = child
  if (stdin === null || stdout === null) throw fail('host.noPipe')
  return {
    output: stdout,
    run: async (source, signal) => {
      await Promise.all([pipeline(Readable.from(source), stdin, { signal }), ended.done])
    },
    kill: () => child.kill('SIGKILL'),
    ended: ended.done.catch(() => {}),
  }
}
