import { type FlotillaError, fail } from '@flotilla/protocol'
import { baseOf, layerPath, parentOf, refused } from './layer-path.ts'
import { paddingBytes, type TarHeader } from './tar-header.ts'
import { encodeEntry, endOfArchive, type PaxRecords } from './tar-pax.ts'
import { TarReader } from './tar-reader.ts'

export interface LayerLimits {
  maxEntries: number
  /** Of all bodies together. */
  maxBytes: number
  /** Of all names that must be kept in memory. */
  maxNameBytes: number
}

/** Far above what real layers hold, far below what fills a host's memory. */
export const defaultLayerLimits: LayerLimits = {
  maxEntries: 1_000_000,
  maxBytes: 64 * 1024 ** 3,
  maxNameBytes: 128 * 1024 ** 2,
}

/** What a layer turned out to hold. */
export interface LayerSummary {
  entries: number
  /** Sum of the bodies. */
  sizeBytes: number
  /** Paths that this layer removes from those below. */
  whiteouts: string[]
  /** Folders whose content below is hidden. */
  opaques: string[]
  /** Device nodes, which are not made: a container gets its devices from its runtime. */
  skippedDevices: number
}

const opaqueKey = 'SCHILY.xattr.trusted.overlay.opaque'
const opaque: [string, Buffer] = [opaqueKey, Buffer.from('y')]
const batchBytes = 128 * 1024
/** The last user id of Linux; the one above it means "no change". */
const maxId = 0xfffffffe
const padding = Buffer.alloc(512)

/**
 * Rewrites an image layer (image-spec, layer.md) to an archive that GNU tar unpacks into an overlayfs layer: `.wh.x` becomes
 * the character device 0:0 `x`, `.wh..wh..opq` the attribute trusted.overlay.opaque of its folder. It does all the refusing:
 * what it lets through stays below the folder it is unpacked in. Throws INVALID_ARGUMENT, or RESOURCE_EXHAUSTED past limits.
 */
export class LayerRewriter {
  readonly #limits: LayerLimits
  readonly #seen = { entries: 0, sizeBytes: 0, nameBytes: 0, skippedDevices: 0 }
  readonly #directories = new Map<string, { header: TarHeader; pax: PaxRecords }>()
  readonly #symlinks = new Set<string>()
  readonly #others = new Set<string>()
  readonly #whiteouts = new Set<string>()
  readonly #opaques = new Set<string>()

  constructor(limits: LayerLimits = defaultLayerLimits) {
    this.#limits = limits
  }

  /** What has been seen so far: all of the layer once `rewrite` has ended. */
  summary(): LayerSummary {
    const { entries, sizeBytes, skippedDevices } = this.#seen
    return { entries, sizeBytes, skippedDevices, whiteouts: [...this.#whiteouts], opaques: [...this.#opaques] }
  }

  /** The rewritten archive in chunks of some 128 KiB. Use a rewriter once. */
  async *rewrite(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
    const reader = new TarReader(chunks)
    let batch: Buffer[] = []
    let bytes = 0
    const put = (data: Buffer) => {
      batch.push(data)
      bytes += data.length
    }
    const flush = () => {
      const joined = Buffer.concat(batch)
      batch = []
      bytes = 0
      return joined
    }
    for (let entry = await reader.next(); entry !== undefined; entry = await reader.next()) {
      const head = this.#entry(entry.header, entry.pax)
      if (head === undefined) continue
      put(head.blocks)
      if (head.bodyBytes > 0) {
        for await (const chunk of reader.body()) {
          put(chunk)
          if (bytes >= batchBytes) yield flush()
        }
        put(padding.subarray(0, paddingBytes(head.bodyBytes)))
      }
      if (bytes >= batchBytes) yield flush()
    }
    put(endOfArchive)
    yield flush()
  }

  #entry(header: TarHeader, pax: PaxRecords): { blocks: Buffer; bodyBytes: number } | undefined {
    const path = layerPath(header.name)
    this.#count(header, path, pax)
    this.#checkParents(path, header.name)
    const parents = this.#foldersAgain(path)
    const own = this.#ownEntry(path, header, pax)
    if (parents.length === 0) return own
    return {
      blocks: Buffer.concat([...parents, ...(own === undefined ? [] : [own.blocks])]),
      bodyBytes: own?.bodyBytes ?? 0,
    }
  }

  #ownEntry(path: string, header: TarHeader, pax: PaxRecords): { blocks: Buffer; bodyBytes: number } | undefined {
    if (baseOf(path).startsWith('.wh.')) {
      const blocks = this.#whiteout(path, header)
      return blocks === undefined ? undefined : { blocks, bodyBytes: 0 }
    }
    if (path === '' && header.kind !== 'directory') throw refused(header.name, 'would replace the root folder')
    if (header.kind === 'char' || header.kind === 'block') return this.#device(header)
    const attributes = keepAttributes(pax)
    const clean: TarHeader = { ...header, name: path, deviceMajor: 0, deviceMinor: 0 }
    if (header.kind === 'directory') return { blocks: this.#directory(path, clean, attributes), bodyBytes: 0 }
    if (this.#directories.has(path)) throw refused(header.name, 'stands there as a folder and as something else')
    this.#symlinks.delete(path)
    this.#whiteouts.delete(path)
    this.#others.add(path)
    if (header.kind === 'symlink') {
      if (header.linkName === '' || header.linkName.includes('\0')) throw refused(header.name, 'is a link to nothing')
      if (Buffer.byteLength(header.linkName) > 4095) throw refused(header.name, 'is a link with too long a target')
      this.#symlinks.add(path)
    } else if (header.kind === 'link') {
      clean.linkName = layerPath(header.linkName)
      if (clean.linkName === '' || clean.linkName === path) throw refused(header.name, 'is a hard link to nothing')
      this.#checkParents(clean.linkName, header.name)
      if (!this.#others.has(clean.linkName)) throw refused(header.name, 'is a hard link to what is not in its layer')
      if (this.#symlinks.has(clean.linkName)) this.#symlinks.add(path)
    } else clean.linkName = ''
    return { blocks: encodeEntry(clean, attributes), bodyBytes: clean.sizeBytes }
  }

  #count(header: TarHeader, path: string, pax: PaxRecords): void {
    const seen = this.#seen
    seen.entries += 1
    seen.sizeBytes += header.sizeBytes
    seen.nameBytes += path.length
    if (header.kind === 'directory') for (const value of pax.values()) seen.nameBytes += value.length
    if (seen.entries > this.#limits.maxEntries) throw tooMuch(`more than ${this.#limits.maxEntries} entries`)
    if (seen.sizeBytes > this.#limits.maxBytes) throw tooMuch(`more than ${this.#limits.maxBytes} bytes`)
    if (seen.nameBytes > this.#limits.maxNameBytes) throw tooMuch('too many and too long names')
    if (header.uid > maxId || header.gid > maxId) throw refused(header.name, 'has an owner beyond 32 bits')
  }

  /** A name below a symbolic link of the same layer would be written wherever that link leads. */
  #checkParents(path: string, name: string): void {
    for (let parent = parentOf(path); parent !== ''; parent = parentOf(parent)) {
      if (this.#symlinks.has(parent)) throw refused(name, 'leads through a symbolic link')
      if (this.#others.has(parent)) throw refused(name, 'lies below what is no folder')
      if (baseOf(parent).startsWith('.wh.')) throw refused(name, 'lies below a whiteout')
    }
  }

  /** What this layer removes and then has something below: folders once more, with nothing of the layers below in them. */
  #foldersAgain(path: string): Buffer[] {
    const entries: Buffer[] = []
    for (let parent = parentOf(path); parent !== ''; parent = parentOf(parent)) {
      const entry = this.#whiteouts.has(parent) ? this.#makeOpaque(parent) : undefined
      if (entry !== undefined) entries.unshift(entry)
    }
    return entries
  }

  #whiteout(path: string, header: TarHeader): Buffer | undefined {
    const base = baseOf(path)
    const folder = parentOf(path)
    if (base === '.wh..wh..opq') return this.#makeOpaque(folder)
    if (base.startsWith('.wh..wh.')) return undefined // bookkeeping of aufs
    const hidden = base.slice('.wh.'.length)
    if (hidden === '' || hidden === '.' || hidden === '..') throw refused(header.name, 'is a whiteout of no file')
    const target = folder === '' ? hidden : `${folder}/${hidden}`
    if (this.#directories.has(target)) return this.#makeOpaque(target) // there again: only what is below goes
    if (this.#others.has(target) || this.#whiteouts.has(target)) return undefined
    this.#whiteouts.add(target)
    return encodeEntry({ ...plain(target), kind: 'char' })
  }

  #makeOpaque(folder: string): Buffer | undefined {
    if (this.#opaques.has(folder)) return undefined
    if (this.#others.has(folder)) throw refused(folder, 'is no folder, yet its content is to be hidden')
    this.#opaques.add(folder)
    this.#whiteouts.delete(folder)
    const known = this.#directories.get(folder) ?? {
      header: { ...plain(folder), kind: 'directory' as const },
      pax: new Map(),
    }
    this.#directories.set(folder, known)
    return encodeEntry(named(known.header, folder), new Map([...known.pax, opaque]))
  }

  #directory(path: string, header: TarHeader, attributes: PaxRecords): Buffer {
    if (this.#others.has(path)) throw refused(header.name, 'stands there as a folder and as something else')
    this.#directories.set(path, { header, pax: attributes })
    if (this.#whiteouts.delete(path)) this.#opaques.add(path)
    return encodeEntry(named(header, path), this.#opaques.has(path) ? new Map([...attributes, opaque]) : attributes)
  }

  #device(header: TarHeader): undefined {
    if (header.kind === 'char' && header.deviceMajor === 0 && header.deviceMinor === 0) {
      throw refused(header.name, 'is a whiteout of overlayfs, which has no place in an image')
    }
    this.#seen.skippedDevices += 1
    return undefined
  }
}

function named(header: TarHeader, path: string): TarHeader {
  return { ...header, name: path === '' ? './' : `${path}/`, linkName: '' }
}

function plain(name: string): TarHeader {
  return {
    name,
    kind: 'file',
    linkName: '',
    mode: 0o755,
    uid: 0,
    gid: 0,
    sizeBytes: 0,
    mtime: 0,
    deviceMajor: 0,
    deviceMinor: 0,
  }
}

/** File capabilities and the user's own attributes; never trusted.*, which would steer overlayfs, or labels of this host. */
function keepAttributes(pax: PaxRecords): PaxRecords {
  const retained: PaxRecords = new Map()
  for (const [key, value] of pax) {
    if (!key.startsWith('SCHILY.xattr.')) continue
    const name = key.slice('SCHILY.xattr.'.length)
    const wanted = name === 'security.capability' || (name.startsWith('user.') && !name.startsWith('user.overlay.'))
    if (wanted && /^[\x21-\x7e]{1,255}$/.test(name)) retained.set(key, value)
  }
  return retained
}

function tooMuch(what: string): FlotillaError {
  return fail('image.layerTooLarge', { what })
}
