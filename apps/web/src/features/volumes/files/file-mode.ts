import type { FileType } from '@flotilla/protocol'

const letters: Record<FileType, string> = { file: '-', folder: 'd', symlink: 'l', fifo: 'p', socket: 's', device: 'b' }

/** Permission bits as `ls -l` writes them: `drwxr-xr-x`, with `s` and `t` for set-id and sticky. */
export function modeText(mode: number, type: FileType): string {
  const triple = (shift: number, special: number, letter: string) => {
    const bits = (mode >> shift) & 7
    const isSpecial = (mode & special) !== 0
    const run = (bits & 1) !== 0
    const last = isSpecial ? (run ? letter : letter.toUpperCase()) : run ? 'x' : '-'
    return `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${last}`
  }
  return `${letters[type]}${triple(6, 0o4000, 's')}${triple(3, 0o2000, 's')}${triple(0, 0o1000, 't')}`
}
