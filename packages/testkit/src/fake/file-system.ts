import type { Mount } from '@flotilla/protocol'

/** A file; two names of the same one are a hard link. */
export interface FakeFile {
  text: string
}

/** What a fake host keeps at the sources of bind mounts and in volumes, by absolute path. */
export type HostFiles = Map<string, FakeFile>

/** The files of one fake container: a root, tmpfs mounts and bind mounts into the fake host. */
export class FakeFiles {
  readonly #root: HostFiles
  readonly #tmpfs = new Map<string, HostFiles>()
  readonly #mounts: readonly Mount[]
  readonly #readOnlyRoot: boolean
  readonly #host: HostFiles
  readonly #volumes: ReadonlyMap<string, string>
  readonly #kernel: ReadonlyMap<string, string>

  constructor(options: {
    mounts: readonly Mount[]
    /** What its image has, by path. */
    root: Readonly<Record<string, string>>
    readOnlyRoot: boolean
    host: HostFiles
    /** Where on the host a volume's files are, by where it is mounted. */
    volumes: ReadonlyMap<string, string>
    /** What the kernel shows, by path; nobody can write there. */
    kernel: ReadonlyMap<string, string>
  }) {
    this.#mounts = [...options.mounts].sort((a, b) => b.target.length - a.target.length)
    this.#root = new Map(Object.entries(options.root).map(([path, text]) => [path, { text }]))
    this.#readOnlyRoot = options.readOnlyRoot
    this.#host = options.host
    this.#volumes = options.volumes
    this.#kernel = options.kernel
  }

  /** The file's text; throws with the kernel's words where there is none. */
  read(path: string): string {
    const shown = this.#kernel.get(path)
    if (shown !== undefined) return shown
    const { files, key } = this.#locate(path)
    const file = files.get(key)
    if (file === undefined) throw new Error('No such file or directory')
    return file.text
  }

  write(path: string, text: string, append: boolean): void {
    const { files, key, readOnly } = this.#locate(path)
    if (readOnly) throw new Error('Read-only file system')
    const file = files.get(key)
    if (file === undefined) files.set(key, { text })
    else file.text = append ? file.text + text : text
  }

  /** Gives a file one more name, on the same mount. */
  link(path: string, name: string): void {
    const [from, to] = [this.#locate(path), this.#locate(name)]
    const file = from.files.get(from.key)
    if (file === undefined) throw new Error('No such file or directory')
    if (from.files !== to.files) throw new Error('Cross-device link')
    if (to.readOnly) throw new Error('Read-only file system')
    to.files.set(to.key, file)
  }

  #locate(path: string): { files: HostFiles; key: string; readOnly: boolean } {
    const mount = this.#mounts.find(({ target }) => path === target || path.startsWith(`${target}/`))
    if (mount === undefined) return { files: this.#root, key: path, readOnly: this.#readOnlyRoot }
    const rest = path.slice(mount.target.length)
    if (mount.type === 'bind') return { files: this.#host, key: mount.source + rest, readOnly: mount.readOnly }
    const volume = this.#volumes.get(mount.target)
    if (volume !== undefined) return { files: this.#host, key: volume + rest, readOnly: mount.readOnly }
    const files = this.#tmpfs.get(mount.target) ?? new Map<string, FakeFile>()
    this.#tmpfs.set(mount.target, files)
    return { files, key: rest, readOnly: mount.readOnly }
  }
}
