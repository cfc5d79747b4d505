import { type Draft, emptyDraft, newDevice, newMount, newPair, newPort } from './draft.ts'
import { joinWords, splitWords } from '../../format/shell-words.ts'

export interface ParsedRun {
  draft: Draft
  /** Options that Flotilla's form has no place for, as they were written. */
  ignored: string[]
}

/** Options that take no value. */
const switches: Record<string, (draft: Draft) => void> = {
  '-d': () => undefined,
  '--detach': () => undefined,
  '-i': () => undefined,
  '--interactive': () => undefined,
  '-t': (draft) => void (draft.tty = true),
  '--tty': (draft) => void (draft.tty = true),
  '-P': (draft) => void (draft.publishAllPorts = true),
  '--publish-all': (draft) => void (draft.publishAllPorts = true),
  '--read-only': (draft) => void (draft.readOnlyRoot = true),
}
/** Switches that have no place here; without this list the next word would be taken for their value. */
const strangeSwitches = new Set([
  '--rm',
  '--privileged',
  '--init',
  '--no-healthcheck',
  '--oom-kill-disable',
  '-q',
  '--quiet',
])

const short: Record<string, string> = {
  '-p': '--publish',
  '-e': '--env',
  '-v': '--volume',
  '-u': '--user',
  '-w': '--workdir',
  '-h': '--hostname',
  '-m': '--memory',
  '-l': '--label',
  '--net': '--network',
}

const values: Record<string, (draft: Draft, value: string) => boolean | void> = {
  '--name': (draft, value) => void (draft.name = value),
  '--publish': (draft, value) => addPort(draft, value),
  '--env': (draft, value) => void draft.env.push(pair(value)),
  '--label': (draft, value) => void draft.labels.push(pair(value)),
  '--volume': (draft, value) => addVolume(draft, value),
  '--mount': (draft, value) => addMount(draft, value),
  '--tmpfs': (draft, value) => addTmpfs(draft, value),
  '--device': (draft, value) => addDevice(draft, value),
  '--user': (draft, value) => void (draft.user = value),
  '--workdir': (draft, value) => void (draft.workingDir = value),
  '--hostname': (draft, value) => void (draft.hostname = value),
  '--entrypoint': (draft, value) => void (draft.entrypoint = joinWords([value])),
  '--memory': (draft, value) => void (draft.memory = value),
  '--cpus': (draft, value) => void (draft.cpus = value),
  '--pids-limit': (draft, value) => void (draft.pids = value),
  '--stop-signal': (draft, value) => void (draft.stopSignal = value),
  '--stop-timeout': (draft, value) => void (draft.stopTimeout = value),
  '--cap-add': (draft, value) => void (draft.capAdd = `${draft.capAdd} ${value}`.trim()),
  '--cap-drop': (draft, value) => void (draft.capDrop = `${draft.capDrop} ${value}`.trim()),
  '--restart': (draft, value) => setRestart(draft, value),
  '--network': (draft, value) => setNetwork(draft, value),
  '--security-opt': (draft, value) => setSecurity(draft, value),
  '--pid': (draft, value) => setNamespace(draft, 'pidNamespace', value),
  '--ipc': (draft, value) => setNamespace(draft, 'ipcNamespace', value),
  '--uts': (draft, value) => setNamespace(draft, 'utsNamespace', value),
}

/** Reads a `docker run` (or `podman run`) line into the form; null where it is no such line. */
export function parseDockerRun(line: string): ParsedRun | null {
  const split = splitWords(line.trim().replace(/^\$\s+/, ''))
  if (!split.ok) return null
  const words = split.words[0] === 'sudo' ? split.words.slice(1) : split.words
  const [program = '', ...more] = words
  if (!/^(.*\/)?(docker|podman|nerdctl)$/.test(program)) return null
  const rest = more[0] === 'container' ? more.slice(1) : more
  if (rest[0] !== 'run' && rest[0] !== 'create') return null
  const draft: Draft = { ...emptyDraft, env: [], labels: [], ports: [], mounts: [], devices: [] }
  const ignored: string[] = []
  let at = 1
  while (at < rest.length) {
    const word = rest[at] ?? ''
    if (!word.startsWith('-') || word === '-') break
    at += 1
    if (word === '--') break
    const used = takeOption(draft, word, rest[at], ignored)
    if (used) at += 1
  }
  const image = rest[at]
  if (image === undefined) return null
  draft.image = image
  draft.command = joinWords(rest.slice(at + 1))
  return { draft, ignored }
}

/** Takes one option into the form; true where the next word was its value. */
function takeOption(draft: Draft, word: string, next: string | undefined, ignored: string[]): boolean {
  if (/^-[a-zA-Z]./.test(word)) return takeCluster(draft, [...word.slice(1)], next, ignored)
  const equals = word.startsWith('--') ? word.indexOf('=') : -1
  const name = equals < 0 ? word : word.slice(0, equals)
  const inline = equals < 0 ? undefined : word.slice(equals + 1)
  const flag = switches[name]
  if (flag) {
    if (inline !== 'false') flag(draft)
    return false
  }
  if (strangeSwitches.has(name)) {
    ignored.push(word)
    return false
  }
  const value = inline ?? next
  const take = values[short[name] ?? name]
  if (value === undefined || take === undefined || take(draft, value) === false) {
    ignored.push(inline === undefined && next !== undefined ? `${word} ${next}` : word)
  }
  return inline === undefined
}

/** `-dit`, and `-p80:80`: switches, then at most one option with its value glued to it or in the next word. */
function takeCluster(draft: Draft, letters: string[], next: string | undefined, ignored: string[]): boolean {
  const [letter = '', ...rest] = letters
  const name = `-${letter}`
  if (short[name] !== undefined) {
    if (rest.length === 0) return takeOption(draft, name, next, ignored)
    takeOption(draft, name, rest.join(''), ignored)
    return false
  }
  takeOption(draft, name, undefined, ignored)
  return rest.length === 0 ? false : takeCluster(draft, rest, next, ignored)
}

function pair(text: string) {
  const at = text.indexOf('=')
  return at < 0 ? newPair(text) : newPair(text.slice(0, at), text.slice(at + 1))
}

function addPort(draft: Draft, text: string): boolean {
  const match = /^(?:(?:(\d+\.\d+\.\d+\.\d+):)?(\d*):)?(\d+)(?:\/(tcp|udp))?$/.exec(text)
  if (!match) return false
  const [, hostIp = '', hostPort = '', containerPort = '', protocol] = match
  draft.ports.push({ ...newPort(containerPort, hostPort), hostIp, protocol: protocol === 'udp' ? 'udp' : 'tcp' })
  return true
}

/** A named or anonymous volume has no place here; a folder of the host has. */
function addVolume(draft: Draft, text: string): boolean {
  const [source = '', target = '', mode = ''] = text.split(':')
  if (!source.startsWith('/') || !target.startsWith('/')) return false
  draft.mounts.push({ ...newMount('bind'), source, target, readOnly: mode.split(',').includes('ro') })
  return true
}

function addMount(draft: Draft, text: string): boolean {
  const fields = new Map(
    text.split(',').map((field): [string, string] => {
      const [name = '', ...value] = field.replace(/^"(.*)"$/, '$1').split('=')
      return [name, value.join('=')]
    }),
  )
  const type = fields.get('type')
  const target = fields.get('target') ?? fields.get('destination') ?? fields.get('dst') ?? ''
  if ((type !== 'bind' && type !== 'tmpfs') || target === '') return false
  const readOnly = (fields.has('readonly') || fields.has('ro')) && fields.get('readonly') !== 'false'
  const source = fields.get('source') ?? fields.get('src') ?? ''
  draft.mounts.push({ ...newMount(type), source, target, readOnly, size: fields.get('tmpfs-size') ?? '' })
  return true
}

function addTmpfs(draft: Draft, text: string): void {
  const [target = '', options = ''] = text.split(':')
  const size = /(?:^|,)size=([^,]+)/.exec(options)?.[1] ?? ''
  draft.mounts.push({ ...newMount('tmpfs'), target, size, readOnly: options.split(',').includes('ro') })
}

function addDevice(draft: Draft, text: string): void {
  const [hostPath = '', containerPath = '', permissions = 'rwm'] = text.split(':')
  draft.devices.push({ ...newDevice(), hostPath, containerPath, permissions })
}

function setRestart(draft: Draft, text: string): boolean {
  const [policy = '', retries = ''] = text.split(':')
  if (policy !== 'no' && policy !== 'always' && policy !== 'on-failure' && policy !== 'unless-stopped') return false
  draft.restart = policy
  draft.maximumRetries = retries
  return true
}

function setNetwork(draft: Draft, text: string): boolean {
  if (text !== 'bridge' && text !== 'host' && text !== 'none') return false
  draft.network = text
  return true
}

function setSecurity(draft: Draft, text: string): boolean {
  if (/^seccomp[=:]unconfined$/.test(text)) draft.seccomp = 'unconfined'
  else if (/^systempaths[=:]unconfined$/.test(text)) draft.maskedPaths = 'none'
  else return false
  return true
}

function setNamespace(draft: Draft, field: 'pidNamespace' | 'ipcNamespace' | 'utsNamespace', text: string): boolean {
  if (text !== 'host' && text !== 'private') return false
  draft[field] = text
  return true
}
