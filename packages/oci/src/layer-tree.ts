import { baseOf, maxPathBytes, parentOf, refused } from './layer-path.ts'
import type { TarHeader } from './tar-header.ts'
import type { PaxRecords } from './tar-pax.ts'

/** Linux gives up after as many. */
const mostLinks = 40

export interface Folder {
  kind: 'folder'
  readonly children: Map<string, Node>
  /** How it was last written; undefined for one that no entry was for so far. */
  made?: { header: TarHeader; attributes: PaxRecords }
  /** What layers below have in it is hidden. */
  opaque: boolean
}

/** What a layer has at a path so far; `gone` is what it removes from the layers below. */
export type Node = Folder | { kind: 'symlink'; target: string } | { kind: 'other' } | { kind: 'gone' }

/** A folder and its own path: one that leads through no symbolic link. */
export interface Found {
  folder: Folder
  path: string
}

/**
 * What a layer has, as far as it was read. A path is followed in it as the kernel does it in a process whose root this is:
 * symbolic links lead on inside, to what the layer has itself; `..` at the top stays at the top.
 */
export class LayerTree {
  readonly #root = newFolder(false)
  readonly #follow: (target: string) => void

  /** `follow` is told of each link that is followed, and may refuse more. */
  constructor(follow: (target: string) => void) {
    this.#follow = follow
  }

  /**
   * The folder of this path, which is made where it is missing; `made` gets those that were, each before what lies in it.
   * Throws INVALID_ARGUMENT where it leads through anything else, or in a circle.
   */
  makeFolder(path: string, name: string, made: Found[]): Found {
    return this.#walk(path, name, made)
  }

  /** What this layer has at a path whose last part is not followed, with its own path; undefined where there is nothing. */
  find(path: string, name: string): { node: Node; path: string } | undefined {
    const parent = this.#walk(parentOf(path), name)
    const node = parent?.folder.children.get(baseOf(path))
    return parent === undefined || node === undefined ? undefined : { node, path: joined(parent.path, baseOf(path)) }
  }

  /** Every path with what is there, each folder before what it has; '' first. */
  *all(): Generator<{ path: string; node: Node }> {
    yield { path: '', node: this.#root }
    const open = [{ path: '', entries: this.#root.children.entries() }]
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const next = top.entries.next()
      if (next.done === true) {
        open.pop()
        continue
      }
      const [name, node] = next.value
      const path = joined(top.path, name)
      yield { path, node }
      if (node.kind === 'folder') open.push({ path, entries: node.children.entries() })
    }
  }

  #walk(path: string, name: string, made: Found[]): Found
  #walk(path: string, name: string): Found | undefined
  #walk(path: string, name: string, made?: Found[]): Found | undefined {
    const stack: Found[] = [{ folder: this.#root, path: '' }]
    const pending = parts(path).reverse()
    let own = pending.length // of those that are left, how many are of the path itself and not of a link's target
    for (let links = 0; ; ) {
      const here = stack.at(-1) ?? { folder: this.#root, path: '' }
      const part = pending.pop()
      if (part === undefined) return here
      const isOwn = pending.length < own
      if (isOwn) own = pending.length
      if (part === '..') {
        if (stack.length > 1) stack.pop()
        continue
      }
      const node = here.folder.children.get(part)
      if (node?.kind === 'other') throw refused(name, 'lies below what is no folder')
      if (node?.kind === 'symlink') {
        if ((links += 1) > mostLinks) throw refused(name, 'leads through symbolic links that lead in a circle')
        this.#follow(node.target)
        if (node.target.startsWith('/')) stack.length = 1
        pending.push(...parts(node.target).reverse())
        continue
      }
      const place = joined(here.path, part)
      if (place.length > maxPathBytes) throw refused(name, 'leads to too long a path')
      if (node?.kind !== 'folder' && made === undefined) return undefined
      if (node?.kind !== 'folder' && !isOwn)
        throw refused(name, 'leads through a symbolic link to what its layer has not')
      const folder = node?.kind === 'folder' ? node : newFolder(node !== undefined)
      if (folder !== node) {
        here.folder.children.set(part, folder)
        made?.push({ folder, path: place })
      }
      stack.push({ folder, path: place })
    }
  }
}

/** One that a layer removed before hides what layers below have in it. */
export function newFolder(opaque: boolean): Folder {
  return { kind: 'folder', children: new Map(), opaque }
}

export function joined(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}

function parts(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.')
}
