import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { isDiskFull, spawn } from '@flotilla/host'
import {
  aufsLinks,
  compressionOf,
  defaultLayerLimits,
  finishDigest,
  LayerRewriter,
  type LayerSummary,
  magicBytes,
} from '@flotilla/oci'
import { FlotillaError, fail } from '@flotilla/protocol'
import { startDecompressor } from './decompress.ts'
import { peek } from './peek.ts'
import { type Room, judgeSize } from './size-judge.ts'
import { ProgramFailure, programEnd } from './program-end.ts'
import { diskFull, storeError } from './store-errors.ts'

export interface UnpackOptions extends Room {
  /** An empty folder. What stands in it after a failure is the caller's to remove. */
  dir: string
  diffId: string
  /** As its manifest says, 0 where it does not. */
  packedBytes: number
  signal: AbortSignal
  onBytes: (unpacked: number) => void
}

/**
 * Unpacks a layer as it arrives: decompressed as its first bytes ask for, compared with its diff id, rewritten for overlayfs, given to GNU tar.
 * Throws INVALID_ARGUMENT for hostile or broken archives, RESOURCE_EXHAUSTED for a full disk or a bomb, CANCELLED, and what
 * the source throws.
 */
export async function unpackLayer(source: AsyncIterable<Uint8Array>, options: UnpackOptions): Promise<LayerSummary> {
  const { first, all } = await peek(source, magicBytes, options.signal).catch((error: unknown) => {
    throw options.signal.aborted ? fail('image.pullCancelled') : unpackError(error)
  })
  const compression = compressionOf(first)
  const isPacked = compression !== 'none'
  // What an entry says of its size is judged before any of it is written.
  const rewriter = new LayerRewriter(defaultLayerLimits, (bytes) =>
    judgeSize(bytes, isPacked && options.packedBytes > 0 ? options.packedBytes : undefined, options),
  )
  const unpacker = startDecompressor(compression)
  const tar = startTar(options.dir)
  const abort = new AbortController()
  const stop = () => abort.abort()
  options.signal.addEventListener('abort', stop, { once: true })
  const failures: unknown[] = []
  const note = (error: unknown) => {
    failures.push(error)
    abort.abort()
  }
  const packed = { bytes: 0 }
  const counted = count(all, packed)
  const checked = check(unpacker.output ?? counted, options, isPacked ? packed : undefined)
  try {
    if (options.signal.aborted) abort.abort()
    const { signal } = abort
    await Promise.all([
      unpacker.run(counted, signal).catch(note),
      pipeline(Readable.from(rewriter.rewrite(checked)), tar.stdin, { signal }).catch(note),
      tar.ended.catch(note),
    ])
  } finally {
    options.signal.removeEventListener('abort', stop)
    tar.kill()
    unpacker.kill()
    // Lets go of a source that was not read to its end. Not awaited: one that is silent answers only with its next bytes.
    checked.return(undefined).catch(() => {})
    all.return?.(undefined).catch(() => {})
    await Promise.allSettled([tar.ended, unpacker.ended])
  }
  if (options.signal.aborted) throw fail('image.pullCancelled')
  if (tar.full()) throw diskFull()
  if (failures.length > 0) throw unpackError(failures.find(isCause) ?? failures.find(isNoEcho) ?? failures[0])
  await rm(join(options.dir, aufsLinks), { recursive: true, force: true })
  return rewriter.summary()
}

async function* count(chunks: AsyncIterable<Uint8Array>, packed: { bytes: number }): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    packed.bytes += chunk.length
    yield chunk
  }
}

/** The unpacked bytes on their way: counted, hashed, and compared at their end. */
async function* check(
  chunks: AsyncIterable<Uint8Array>,
  options: UnpackOptions,
  packed: { bytes: number } | undefined,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    judgeSize(bytes, packed && Math.max(packed.bytes, options.packedBytes), options)
    hash.update(chunk)
    options.onBytes(bytes)
    yield chunk
  }
  if (finishDigest(hash) !== options.diffId) {
    throw fail('image.otherContent')
  }
}

function startTar(dir: string) {
  const argv = ['tar', '--xattrs', '--xattrs-include=*', '--numeric-owner', '--delay-directory-restore', '-xp']
  const child = spawn([...argv, '-C', dir, '-f', '-'], { stdio: ['pipe', 'ignore', 'pipe'] })
  const end = programEnd(child, 'tar')
  if (child.stdin === null) throw fail('host.noPipe')
  return { stdin: child.stdin, ended: end.done, full: () => isDiskFull(end.words()), kill: () => child.kill('SIGKILL') }
}

/** What one of us says goes before what streams and programs say when they are cut off for it. */
function isCause(failure: unknown): boolean {
  return failure instanceof FlotillaError
}

function isNoEcho(failure: unknown): boolean {
  const { code = '', name } = failure as NodeJS.ErrnoException
  return name !== 'AbortError' && !['ERR_STREAM_PREMATURE_CLOSE', 'EPIPE', 'ERR_STREAM_DESTROYED'].includes(code)
}

function unpackError(failure: unknown): FlotillaError {
  if (failure instanceof FlotillaError) return failure
  if (failure instanceof ProgramFailure || isBadData(failure)) {
    return fail(
      'image.badLayer',
      {},
      {
        detail: failure instanceof Error ? failure.message : String(failure),
        cause: failure,
      },
    )
  }
  return storeError(failure)
}

function isBadData(failure: unknown): boolean {
  const { code } = failure as NodeJS.ErrnoException
  return code?.startsWith('Z_') === true
}
