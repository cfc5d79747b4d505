import { type Draft, type MountDraft, newMount } from './draft.ts'

const volumeName = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/

/** `data:/x:ro`, `/x`, `/srv/a:/x`; false where it is none of these, else the options that the form has no place for. */
export function takeVolume(draft: Draft, text: string): boolean | string {
  const parts = text.split(':')
  const [source = '', target = '', mode = ''] = parts.length === 1 ? ['', ...parts] : parts
  const type = source.startsWith('/') ? 'bind' : 'volume'
  if (parts.length > 3 || !target.startsWith('/')) return false
  if (type === 'volume' && source !== '' && !volumeName.test(source)) return false
  const words = mode.split(',').filter((word) => word !== '')
  const noCopy = type === 'volume' && words.includes('nocopy')
  draft.mounts.push({ ...newMount(type), source, target, readOnly: words.includes('ro'), noCopy })
  const known = ['ro', 'rw', ...(type === 'volume' ? ['nocopy'] : [])]
  return rest(words.filter((word) => !known.includes(word)))
}

const types: Record<string, MountDraft['type']> = { bind: 'bind', tmpfs: 'tmpfs', volume: 'volume' }

/** The value of `--mount`, whose type is a volume where it names none; as `takeVolume` answers. */
export function takeMount(draft: Draft, text: string): boolean | string {
  const fields = csvFields(text)?.map((field): [string, string | null] => {
    const at = field.indexOf('=')
    return at < 0 ? [field, null] : [field.slice(0, at), field.slice(at + 1)]
  })
  if (fields === undefined) return false
  const type = types[fields.find(([name]) => name === 'type')?.[1] ?? 'volume']
  if (type === undefined) return false
  const mount = newMount(type)
  const left = fields.filter(([name, value]) => name !== 'type' && !setField(mount, name, value))
  if (mount.target === '') return false
  draft.mounts.push(mount)
  return rest(left.map(([name, value]) => (value === null ? name : `${name}=${value}`)))
}

/** False where the form has no place for the field of a mount of this type. */
function setField(mount: MountDraft, name: string, value: string | null): boolean {
  const yes = value === null || value === 'true' || value === '1'
  const text = value ?? ''
  if (['target', 'destination', 'dst'].includes(name)) mount.target = text
  else if (['source', 'src'].includes(name) && mount.type !== 'tmpfs') mount.source = text
  else if (['readonly', 'ro'].includes(name)) mount.readOnly = yes
  else if (name === 'tmpfs-size' && mount.type === 'tmpfs') mount.size = text
  else if (name === 'tmpfs-mode' && mount.type === 'tmpfs') mount.mode = text
  else if (name === 'volume-subpath' && mount.type === 'volume') mount.subPath = text
  else if (name === 'volume-nocopy' && mount.type === 'volume') mount.noCopy = yes
  else return false
  return true
}

/** The value of `--tmpfs`, `/x:size=64m,mode=755,ro`. */
export function takeTmpfs(draft: Draft, text: string): boolean | string {
  const [target = '', options = ''] = text.split(':')
  const words = options.split(',').filter((word) => word !== '')
  const valueOf = (name: string) => words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1) ?? ''
  draft.mounts.push({
    ...newMount('tmpfs'),
    target,
    size: valueOf('size'),
    mode: valueOf('mode'),
    readOnly: words.includes('ro'),
  })
  // Every tmpfs of the platform is nosuid and nodev.
  const known = ['ro', 'rw', 'nosuid', 'nodev']
  return rest(words.filter((word) => !known.includes(word) && !/^(size|mode)=/.test(word)))
}

function rest(words: readonly string[]): boolean | string {
  return words.length === 0 ? true : words.join(',')
}

/** The fields of one line of CSV, in which a quoted one may hold commas and doubled quotes; undefined where it is none. */
export function csvFields(line: string): string[] | undefined {
  const fields: string[] = []
  const field = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y
  for (;;) {
    const match = field.exec(line)
    if (match === null) return undefined
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
    if (match[3] === '') return fields
  }
}
