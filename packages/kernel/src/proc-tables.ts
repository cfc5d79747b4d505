import type { KernelView } from '@flotilla/protocol'
import { parseId } from './read.ts'

const maxMounts = 2000

/** /proc/<pid>/uid_map: `inside outside count` (user_namespaces(7)). */
export function parseUidMap(text: string): KernelView['uidMap'] {
  return text.split('\n').flatMap((line) => {
    const [inside, outside, count] = line.trim().split(/\s+/).map(parseId)
    return typeof inside !== 'number' || typeof outside !== 'number' || typeof count !== 'number'
      ? []
      : [{ inside, outside, count }]
  })
}

/** /proc/<pid>/mountinfo (proc(5)), the options of the mount before those of the file system. */
export function parseMounts(text: string): KernelView['mounts'] {
  return text
    .split('\n')
    .slice(0, maxMounts)
    .flatMap((line) => {
      const at = line.indexOf(' - ')
      if (at < 0) return []
      const [, , , root, target, options] = line.slice(0, at).split(' ')
      const [type, source, superOptions] = line.slice(at + 3).split(' ')
      if (root === undefined || target === undefined || type === undefined) return []
      return [
        {
          target: unescapeOctal(target),
          source: unescapeOctal(root === '/' ? (source ?? '') : root),
          type,
          options: [options, superOptions].filter((part) => part !== undefined && part !== '').join(','),
        },
      ]
    })
}

/** Every mount point of the text of /proc/<pid>/mountinfo. */
function mountPoints(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const target = line.split(' ')[4]
    return target === undefined ? [] : [unescapeOctal(target)]
  })
}

/** One mount point that lies inside of a folder, of the text of /proc/self/mountinfo (proc(5)). */
export function mountInside(mountinfo: string, folder: string): string | undefined {
  const prefix = folder === '/' ? '/' : `${folder}/`
  return mountPoints(mountinfo).find((target) => target !== folder && target.startsWith(prefix))
}

/** The kernel writes a space as `\040`. */
function unescapeOctal(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
