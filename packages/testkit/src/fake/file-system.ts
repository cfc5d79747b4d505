import type { Mount } from '@flotilla/protocol'

/** What a fake host keeps at the sources of bind mounts, by absolute path. */
export type HostFiles = Map<string, string>

/** The files of one fake container: a root, tmpfs mounts and bind mounts into the fake host. */
export class FakeFiles {
  readonly #root = new Map<string, string>()
  readonly #tmpfs = new Map<string, Map<string, string>>()
  readonly #mounts: readonly Mount[]
  readonly #readOnlyRoot: boolean
  readonly #host: HostFiles
  readonly #kernel: ReadonlyMap<string, string>

  constructor(options: {
    mounts: readonly Mount[]
    readOnlyRoot: boolean
    host: HostFiles
    /** What the kernel shows, by path; nobody can write there. */
    kernel: ReadonlyMap<string, string>
  }) {
    this.#mounts = [...options.mounts].sort((a, b) => b.target.length - a.target.length)
    this.#readOnlyRoot = options.readOnlyRoot
    this.#host = options.host
    this.#kernel = options.kernel
  }

  /** The file's text; throws with the kernel's words where there is none. */
  read(path: string): string {
    const shown = this.#kernel.get(path)
    if (shown !== undefined) return shown
    const { files, key } = this.#locate(path)
    const text = files.get(key)
    if (text === undefined) throw new Error('No such file or directory')
    return text
  }

  write(path: string, text: string, append: boolean): void {
    const { files, key, readOnly } = this.#locate(path)
    if (readOnly) throw new Error('Read-only file system')
    files.set(key, append ? (files.get(key) ?? '') + text : text)
  }

  #locate(path: string): { files: Map<string, string>; key: string; readOnly: boolean } {
    const mount = this.#mounts.find(({ target }) => path === target || path.startsWith(`${target}/`))
    if (mount === undefined) return { files: this.#root, key: path, readOnly: this.#readOnlyRoot }
    const rest = path.slice(mount.target.length)
    if (mount.type === 'bind') return { files: this.#host, key: mount.source + rest, readOnly: mount.readOnly }
    const files = this.#tmpfs.get(mount.target) ?? new Map<string, string>()
    this.#tmpfs.set(mount.target, files)
    return { files, key: rest, readOnly: mount.readOnly }
  }
}
