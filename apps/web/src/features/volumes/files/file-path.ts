/** Paths in a volume: names with slashes between, the volume's top is the empty one. */
export function joinPath(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}

/** A path as somebody types it, without what says nothing: slashes around it or doubled, and single dots. */
export function plainPath(path: string): string {
  return path
    .split('/')
    .filter((name) => name !== '' && name !== '.')
    .join('/')
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

const unseen = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** A path or name as it is shown: what has no shape of its own, or would turn the text around it, is written out. */
export function shownPath(path: string): string {
  return path.replaceAll(unseen, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Each folder on the way to a path, the path itself last. */
export function foldersOn(path: string): { name: string; path: string }[] {
  const names = path.split('/').filter(Boolean)
  return names.map((name, index) => ({ name, path: names.slice(0, index + 1).join('/') }))
}
