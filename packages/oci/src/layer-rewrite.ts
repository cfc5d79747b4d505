import { type FlotillaError, fail } from '@flotilla/protocol'
import { baseOf, layerPath, parentOf, refused } from './layer-path.ts'
import { type Folder, type Found, joined, LayerTree, newFolder } from './layer-tree.ts'
import { paddingBytes, type TarHeader } from './tar-header.ts'
import { encodeEntry, endOfArchive, type PaxRecords } from './tar-pax.ts'
import { type TarEntry, TarReader } from './tar-reader.ts'
import { encodeSparse } from './tar-sparse.ts'
import { nameBytes } from './byte-names.ts'

export interface LayerLimits {
  /** And of folders that none is for. */
  maxEntries: number
  /** Of all files together, holes included. */
  maxBytes: number
  /** Of all names that must be kept in memory, and of the links that are followed. */
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
  /** Sum of the files' sizes. */
  sizeBytes: number
  /** Paths that this layer removes from those below. */
  whiteouts: string[]
  /** Folders whose content below is hidden. */
  opaques: string[]
}

/**
 * Where aufs kept the files that had several names. A layer's hard links lead there, so it is unpacked, and taken away by
 * whoever unpacks: no other entry's name can begin with `.wh.`.
 */
export const aufsLinks = '.wh..wh.plnk'

const opaqueMark = '.wh..wh..opq'
const opaqueKey = 'SCHILY.xattr.trusted.overlay.opaque'
const opaque: [string, Buffer] = [opaqueKey, Buffer.from('y')]
const batchBytes = 128 * 1024
/** The last user id of Linux; the one above it means "no change". */
const maxId = 0xfffffffe
/** Numbers of devices have 12 and 20 bits. */
const [maxMajor, maxMinor] = [0xfff, 0xfffff]
const padding = Buffer.alloc(512)

/** An entry as it goes on: its blocks, and how many bytes of its body follow. */
interface Head {
  blocks: Buffer
  bodyBytes: number
}

/**
 * Rewrites an image layer (image-spec, layer.md) to an archive that GNU tar unpacks into an overlayfs layer: `.wh.x` becomes
 * the character device 0:0 `x`, `.wh..wh..opq` the attribute trusted.overlay.opaque of its folder, and what lies below a symbolic
 * link of the layer gets the path that the link leads to. It does all the refusing: what it lets through stays below the folder it is unpacked in,
 * and leads through no link. Throws INVALID_ARGUMENT, or RESOURCE_EXHAUSTED past limits.
 */
export class LayerRewriter {
  readonly #limits: LayerLimits
  readonly #onBodies: (bytes: number) => void
  readonly #seen = { entries: 0, things: 0, sizeBytes: 0, bodyBytes: 0, nameBytes: 0 }
  readonly #tree = new LayerTree((target) => this.#countName(target.length))

  /** `onBodies` hears how many bytes all bodies have, that of an entry before it is read, and may throw. */
  constructor(limits: LayerLimits = defaultLayerLimits, onBodies: (bytes: number) => void = () => {}) {
    this.#limits = limits
    this.#onBodies = onBodies
  }

  /** What has been seen so far: all of the layer once `rewrite` has ended. */
  summary(): LayerSummary {
    const { entries, sizeBytes } = this.#seen
    const [whiteouts, opaques]: [string[], string[]] = [[], []]
    for (const { path, node } of this.#tree.all()) {
      if (node.kind === 'gone') whiteouts.push(path)
      if (node.kind === 'folder' && node.opaque) opaques.push(path)
    }
    return { entries, sizeBytes, whiteouts, opaques }
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
      const whole = Buffer.concat(batch)
      batch = []
      bytes = 0
      return whole
    }
    for (let entry = await reader.next(); entry !== undefined; entry = await reader.next()) {
      const head = this.#entry(entry)
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

  #entry(entry: TarEntry): Head | undefined {
    const { name, kind } = entry.header
    const path = layerPath(name)
    this.#count(entry, path)
    const isShared = kind === 'file' && parentOf(path) === aufsLinks && !baseOf(path).startsWith('.wh.')
    if (isAufs(path) && !isShared) return undefined
    if (!isShared && /(^|\/)\.wh\.[^/]*\//.test(path)) throw refused(name, 'lies below a whiteout')
    const made: Found[] = []
    const parent = this.#tree.makeFolder(parentOf(path), name, made)
    const again = made.filter((each) => this.#countFolder(each))
    const own = path === '' ? this.#root(entry, parent) : this.#ownEntry(entry, parent, baseOf(path))
    if (again.length === 0) return own
    // What this layer removes and then has something below: folders once more, with nothing of the layers below in them.
    const parents = again.map((each) => folderEntry(each.path, { header: plain, attributes: new Map() }, true))
    return {
      blocks: Buffer.concat([...parents, ...(own === undefined ? [] : [own.blocks])]),
      bodyBytes: own?.bodyBytes ?? 0,
    }
  }

  /** One that no entry was for takes as much memory, and room on the disk, as one that has its own. Gives whether it was removed before. */
  #countFolder({ folder, path }: Found): boolean {
    this.#countEntry()
    this.#countName(path.length)
    return folder.opaque
  }

  #root({ header, pax }: TarEntry, { folder }: Found): Head {
    if (header.kind !== 'directory') throw refused(header.name, 'would replace the root folder')
    return written('', folder, { header, attributes: keepAttributes(pax) })
  }

  #ownEntry(entry: TarEntry, parent: Found, base: string): Head | undefined {
    const { header, pax, sparse } = entry
    const { children } = parent.folder
    if (base.startsWith('.wh.')) return this.#whiteout(header, parent, base)
    const path = joined(parent.path, base)
    const attributes = keepAttributes(pax)
    const there = children.get(base)
    if (header.kind === 'directory') {
      if (there !== undefined && there.kind !== 'folder' && there.kind !== 'gone') throw twice(header.name)
      const folder = there?.kind === 'folder' ? there : newFolder(there !== undefined)
      children.set(base, folder)
      return written(path, folder, { header, attributes })
    }
    if (there?.kind === 'folder') throw twice(header.name)
    const clean: TarHeader = { ...header, name: path, linkName: '', deviceMajor: 0, deviceMinor: 0 }
    if (header.kind === 'symlink') {
      clean.linkName = symlinkTarget(header)
      children.set(base, { kind: 'symlink', target: clean.linkName })
    } else if (header.kind === 'link') {
      const target = this.#hardLinkTarget(header, path)
      clean.linkName = target.path
      children.set(base, target.node)
    } else children.set(base, { kind: 'other' })
    if (header.kind === 'char' || header.kind === 'block') Object.assign(clean, deviceNumbers(header))
    const blocks =
      sparse === undefined ? encodeEntry(clean, attributes) : encodeSparse(clean, attributes, nameBytes(path), sparse)
    return { blocks, bodyBytes: clean.sizeBytes }
  }

  #hardLinkTarget({ name, linkName }: TarHeader, own: string) {
    const wanted = layerPath(linkName)
    const target = wanted === '' ? undefined : this.#tree.find(wanted, name)
    if (target === undefined || (target.node.kind !== 'other' && target.node.kind !== 'symlink')) {
      throw refused(name, 'is a hard link to what is not in its layer')
    }
    if (target.path === own) throw refused(name, 'is a hard link to nothing')
    return target
  }

  #count({ header, pax, sparse }: TarEntry, path: string): void {
    const seen = this.#seen
    seen.entries += 1
    this.#countEntry()
    seen.sizeBytes += sparse?.realBytes ?? header.sizeBytes
    seen.bodyBytes += header.sizeBytes
    if (seen.sizeBytes > this.#limits.maxBytes) throw tooMuch(`more than ${this.#limits.maxBytes} bytes`)
    this.#countName(path.length + (header.kind === 'symlink' ? header.linkName.length : 0))
    if (header.kind === 'directory') for (const value of pax.values()) this.#countName(value.length)
    if (header.uid > maxId || header.gid > maxId) throw refused(header.name, 'has an owner beyond 32 bits')
    this.#onBodies(seen.bodyBytes)
  }

  #countEntry(): void {
    this.#seen.things += 1
    if (this.#seen.things > this.#limits.maxEntries) throw tooMuch(`more than ${this.#limits.maxEntries} entries`)
  }

  #countName(length: number): void {
    this.#seen.nameBytes += length
    if (this.#seen.nameBytes > this.#limits.maxNameBytes) throw tooMuch('too many and too long names')
  }

  #whiteout(header: TarHeader, parent: Found, base: string): Head | undefined {
    if (base === opaqueMark) return hideBelow(parent)
    const hidden = base.slice('.wh.'.length)
    if (hidden === '' || hidden === '.' || hidden === '..') throw refused(header.name, 'is a whiteout of no file')
    const path = joined(parent.path, hidden)
    const there = parent.folder.children.get(hidden)
    if (there?.kind === 'folder') return hideBelow({ folder: there, path }) // there again: only what is below goes
    if (there !== undefined) return undefined
    parent.folder.children.set(hidden, { kind: 'gone' })
    return { blocks: encodeEntry({ ...plain, name: path, kind: 'char', mode: 0 }), bodyBytes: 0 }
  }
}

/** Whether a path is one of aufs's bookkeeping, or below it; the mark of a folder whose content is hidden was aufs's as well, and stays. */
function isAufs(path: string): boolean {
  if (!path.includes('.wh..wh.')) return false
  const parts = path.split('/')
  return parts.some((part, at) => part.startsWith('.wh..wh.') && !(part === opaqueMark && at === parts.length - 1))
}

function hideBelow({ folder, path }: Found): Head | undefined {
  if (folder.opaque) return undefined
  folder.opaque = true
  return written(path, folder, folder.made ?? { header: plain, attributes: new Map() })
}

function written(path: string, folder: Folder, made: NonNullable<Folder['made']>): Head {
  folder.made = made
  return { blocks: folderEntry(path, made, folder.opaque), bodyBytes: 0 }
}

function folderEntry(path: string, { header, attributes }: NonNullable<Folder['made']>, isOpaque: boolean): Buffer {
  const own: TarHeader = { ...header, kind: 'directory', name: path === '' ? './' : `${path}/`, linkName: '' }
  return encodeEntry(
    { ...own, deviceMajor: 0, deviceMinor: 0 },
    isOpaque ? new Map([...attributes, opaque]) : attributes,
  )
}

function symlinkTarget({ name, linkName }: TarHeader): string {
  if (linkName === '' || linkName.includes('\0')) throw refused(name, 'is a link to nothing')
  if (Buffer.byteLength(linkName) > 4095) throw refused(name, 'is a link with too long a target')
  return linkName
}

/** Made as Docker makes them: which of them a container may open its devices control group says. None is opened here. */
function deviceNumbers({ name, kind, deviceMajor, deviceMinor }: TarHeader) {
  if (kind === 'char' && deviceMajor === 0 && deviceMinor === 0) {
    throw refused(name, 'is a whiteout of overlayfs, which has no place in an image')
  }
  if (deviceMajor > maxMajor || deviceMinor > maxMinor) throw refused(name, 'is a device of no number that Linux has')
  return { deviceMajor, deviceMinor }
}

const plain: TarHeader = {
  ...{ name: '', kind: 'file', linkName: '', mode: 0o755, uid: 0, gid: 0 },
  ...{ sizeBytes: 0, mtime: 0, deviceMajor: 0, deviceMinor: 0 },
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

function twice(name: string): FlotillaError {
  return refused(name, 'stands there as a folder and as something else')
}

function tooMuch(what: string): FlotillaError {
  return fail('image.layerTooLarge', { what })
}
