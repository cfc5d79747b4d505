/** Paths in a volume: names with slashes between, the volume's top is the empty one. */
export function joinPath(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}

/** The folder that a path is in. */
export function parentOf(path: string): string {
  return path.split('/').slice(0, -1).join('/')
}

/** The last name of a path. */
export function nameOf(path: string): string {
  return path.split('/').at(-1) ?? ''
}

/** The name in a folder through which the way leads to a path below it; null where the path is not below it. */
export function nameOn(folder: string, path: string): string | null {
  const start = joinPath(folder, '')
  return path.startsWith(start) && path !== start ? (path.slice(start.length).split('/')[0] ?? null) : null
}

/** Each folder on the way to a path, the path itself last. */
export function foldersOn(path: string): { name: string; path: string }[] {
  const names = path.split('/').filter(Boolean)
  return names.map((name, index) => ({ name, path: names.slice(0, index + 1).join('/') }))
}
