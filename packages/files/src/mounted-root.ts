import { constants } from 'node:fs'
import { type FileHandle, open, readlink } from 'node:fs/promises'
import { hasCode } from './file-errors.ts'
import { components, maxLinks, maxSteps, oPath, ownPath } from './walk.ts'

export interface MountedPlace {
  /** Where it is mounted inside the root. */
  target: string
  /** What is mounted, on this machine; null for what nobody looks into from outside, as the kernel's own file systems. */
  source: string | null
}

/** What a path leads to. */
export interface FoundPlace<M> {
  /** Inside the root, without links. */
  path: string
  /** Pinned by O_PATH, so that nothing waits for it; null where nothing is there, or nobody looks. The caller closes it. */
  entry: FileHandle | null
  /** What it lies in, null for the root itself. */
  mount: M | null
  /** The mount that has it, or that has the last link that led to it. */
  by: M | null
}

type Step<M> = Pick<FoundPlace<M>, 'path' | 'entry' | 'mount'>

/**
 * A root as it looks with mounts over it, while nothing is mounted yet. Links lead where they will lead then, and never out of the
 * root or what is mounted: as with `withFolder`, each component is opened by the descriptor of the one before it.
 */
export class MountedRoot<M extends MountedPlace> {
  readonly #root: string
  #mounts: readonly { path: string; mount: M }[]

  /** `plain`: mounts at paths that lead through no link. */
  constructor(root: string, plain: readonly M[] = []) {
    this.#root = root
    this.#mounts = plain.map((mount) => ({ path: mount.target, mount }))
  }

  /** Mounts over all that is there so far, at what the target leads to; what is missing of that is made by whoever mounts. */
  async mount(mount: M): Promise<void> {
    const found = await this.find(mount.target)
    if (found === null) return // a circle of links, which nothing is mounted at
    await found.entry?.close()
    const { path } = found
    const hidden = (other: string) => other === path || other.startsWith(`${path}/`)
    this.#mounts = [...this.#mounts.filter((other) => !hidden(other.path)), { path, mount }]
  }

  /** Where a path leads; null where its links go in a circle. */
  async find(path: string): Promise<FoundPlace<M> | null> {
    const pending = components(path).reverse()
    const stack: Step<M>[] = [{ path: '', entry: await open(this.#root, oPath | constants.O_DIRECTORY), mount: null }]
    let by: M | null = null
    let links = 0
    try {
      for (let steps = 0; steps < maxSteps; steps += 1) {
        const name = pending.pop()
        if (name === undefined) return found(stack.pop(), by)
        if (name === '..') {
          if (stack.length > 1) await stack.pop()?.entry?.close()
          continue
        }
        const here = stack.at(-1)
        const { step, link } = await this.#enter(here, name)
        if (link === undefined) {
          stack.push(step)
          continue
        }
        await step.entry?.close()
        if ((links += 1) > maxLinks) return null
        by = step.mount ?? by
        if (link.startsWith('/')) while (stack.length > 1) await stack.pop()?.entry?.close()
        pending.push(...components(link).reverse())
      }
      return null
    } finally {
      for (const { entry } of stack) await entry?.close()
    }
  }

  async #enter(here: Step<M> | undefined, name: string): Promise<{ step: Step<M>; link?: string }> {
    const path = `${here?.path ?? ''}/${name}`
    const mounted = this.#mounts.find((other) => other.path === path)?.mount
    if (mounted !== undefined) {
      const entry = mounted.source === null ? null : await open(mounted.source, oPath)
      return { step: { path, entry, mount: mounted } }
    }
    const folder = here?.entry ?? null
    const mount = here?.mount ?? null
    if (folder === null) return { step: { path, entry: null, mount } }
    const entry = await open(`${ownPath(folder)}/${name}`, oPath | constants.O_NOFOLLOW).catch(nullIfMissing)
    const step = { path, entry, mount }
    if ((await entry?.stat())?.isSymbolicLink() !== true) return { step }
    // Replaced meanwhile: looked at again, as one link more, so that it ends.
    return { step, link: (await readlink(`${ownPath(folder)}/${name}`).catch(nullIfReplaced)) ?? name }
  }
}

function found<M extends MountedPlace>(step: Step<M> | undefined, by: M | null): FoundPlace<M> | null {
  if (step === undefined) return null
  return {
    ...step,
    path: step.path === '' ? '/' : step.path,
    by: typeof step.mount?.source === 'string' ? step.mount : by,
  }
}

function nullIfMissing(error: unknown): null {
  if (hasCode(error, ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'])) return null
  throw error
}

function nullIfReplaced(error: unknown): null {
  if (hasCode(error, ['EINVAL', 'ENOENT'])) return null
  throw error
}
