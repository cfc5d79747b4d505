import { type FlotillaError, fail } from '@flotilla/protocol'
import { nameLength } from './byte-names.ts'

/** PATH_MAX and NAME_MAX of Linux. */
export const maxPathBytes = 4095
const maxNameBytes = 255

/**
 * A tar name as a path below the layer's folder: `a/b`, or '' for the folder itself. Leading and doubled slashes and plain `.`
 * vanish: some builders write absolute names, and everybody puts those below the root.
 * Throws INVALID_ARGUMENT for whatever leaves the folder or no Linux file system takes.
 */
export function layerPath(name: string): string {
  if (name.includes('\0')) throw refused(name, 'has a NUL byte in its name')
  if (nameLength(name) > maxPathBytes) throw refused(name, 'has too long a path')
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  for (const part of parts) {
    if (part === '..') throw refused(name, 'leaves its folder')
    if (part.length > maxNameBytes / 4 && nameLength(part) > maxNameBytes) throw refused(name, 'has too long a name')
  }
  return parts.join('/')
}

export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? '' : path.slice(0, slash)
}

export function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

export function refused(name: string, why: string): FlotillaError {
  const shown = JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name)
  return fail('image.badEntry', { entry: shown, why })
}
