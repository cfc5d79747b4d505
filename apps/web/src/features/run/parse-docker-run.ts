import { takeMount, takeTmpfs, takeVolume } from './docker-mounts.ts'
import { NetworkOptions } from './docker-networks.ts'
import { type Draft, emptyDraft, newDevice, newPair, newPort } from './draft.ts'
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

/**
 * Options with a value. Answers false where there is no place for it, or the part of it for which there is none, as text.
 */
type Taker = (draft: Draft, value: string) => boolean | string | void

const values: Record<string, Taker> = {
  '--name': (draft, value) => void (draft.name = value),
  '--publish': (draft, value) => addPort(draft, value),
  '--env': (draft, value) => void draft.env.push(pair(value)),
  '--label': (draft, value) => void draft.labels.push(pair(value)),
  '--volume': (draft, value) => takeVolume(draft, value),
  '--mount': (draft, value) => takeMount(draft, value),
  '--tmpfs': (draft, value) => takeTmpfs(draft, value),
  '--device': (draft, value) => addDevice(draft, value),
  '--user': (draft, value) => void (draft.user = value),
  '--workdir': (draft, value) => void (draft.workingDir = value),
  '--hostname': (draft, value) => void (draft.hostname = value),
  '--entrypoint': (draft, value) => void (draft.entrypoint = joinWords([value])),
  '--memory': (draft, value) => void (draft.memory = value),
  '--cpus': (draft, value) => void (draft.cpus = value),
  '--pids-limit': (draft, value) => void (draft.pids = value),
  '--storage-opt': (draft, value) => setStorage(draft, value),
  '--stop-signal': (draft, value) => void (draft.stopSignal = value),
  '--stop-timeout': (draft, value) => void (draft.stopTimeout = value),
  '--cap-add': (draft, value) => void (draft.capAdd = `${draft.capAdd} ${value}`.trim()),
  '--cap-drop': (draft, value) => void (draft.capDrop = `${draft.capDrop} ${value}`.trim()),
  '--restart': (draft, value) => setRestart(draft, value),
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
  const draft: Draft = { ...emptyDraft, env: [], labels: [], ports: [], mounts: [], devices: [], networks: [] }
  const ignored: string[] = []
  const networks = new NetworkOptions()
  let at = 1
  while (at < rest.length) {
    const word = rest[at] ?? ''
    if (!word.startsWith('-') || word === '-') break
    at += 1
    if (word === '--') break
    const used = takeOption({ draft, networks, ignored }, word, rest[at])
    if (used) at += 1
  }
  const image = rest[at]
  if (image === undefined) return null
  ignored.push(...networks.into(draft))
  draft.image = image
  draft.command = joinWords(rest.slice(at + 1))
  return { draft, ignored }
}

interface Line {
  draft: Draft
  networks: NetworkOptions
  ignored: string[]
}

/** Takes one option into the form; true where the next word was its value. */
function takeOption(line: Line, word: string, next: string | undefined): boolean {
  if (/^-[a-zA-Z]./.test(word)) return takeCluster(line, [...word.slice(1)], next)
  const equals = word.startsWith('--') ? word.indexOf('=') : -1
  const name = equals < 0 ? word : word.slice(0, equals)
  const inline = equals < 0 ? undefined : word.slice(equals + 1)
  const flag = switches[name]
  if (flag) {
    if (inline !== 'false') flag(line.draft)
    return false
  }
  if (strangeSwitches.has(name)) {
    line.ignored.push(word)
    return false
  }
  const value = inline ?? next
  const left = value === undefined ? false : takeValue(line, short[name] ?? name, value)
  if (left === false) line.ignored.push(inline === undefined && next !== undefined ? `${word} ${next}` : word)
  else if (typeof left === 'string') line.ignored.push(`${name} … ${left}`)
  return inline === undefined
}

function takeValue({ draft, networks }: Line, name: string, value: string): ReturnType<Taker> {
  const take = values[name]
  return take === undefined ? networks.take(name, value) : take(draft, value)
}

/** `-dit`, and `-p80:80`: switches, then at most one option with its value glued to it or in the next word. */
function takeCluster(line: Line, letters: string[], next: string | undefined): boolean {
  const [letter = '', ...rest] = letters
  const name = `-${letter}`
  if (short[name] !== undefined) {
    if (rest.length === 0) return takeOption(line, name, next)
    takeOption(line, name, rest.join(''))
    return false
  }
  takeOption(line, name, undefined)
  return rest.length === 0 ? false : takeCluster(line, rest, next)
}

function pair(text: string) {
  const at = text.indexOf('=')
  return at < 0 ? newPair(text) : newPair(text.slice(0, at), text.slice(at + 1))
}

function addPort(draft: Draft, text: string): boolean {
  const match = /^(?:(?:(\d+\.\d+\.\d+\.\d+|\[[\da-fA-F:.]+\]):)?(\d*):)?(\d+)(?:\/(tcp|udp))?$/.exec(text)
  if (!match) return false
  const [, hostIp = '', hostPort = '', containerPort = '', protocol] = match
  draft.ports.push({
    ...newPort(containerPort, hostPort),
    hostIp: hostIp.replace(/^\[(.*)\]$/, '$1'),
    protocol: protocol === 'udp' ? 'udp' : 'tcp',
  })
  return true
}

function addDevice(draft: Draft, text: string): void {
  const [hostPath = '', containerPath = '', permissions = 'rwm'] = text.split(':')
  draft.devices.push({ ...newDevice(), hostPath, containerPath, permissions })
}

/** Of the driver's options the size alone. */
function setStorage(draft: Draft, value: string): ReturnType<Taker> {
  const size = /^size=(.+)$/.exec(value)?.[1]
  if (size === undefined) return false
  draft.storage = size
}

function setRestart(draft: Draft, text: string): boolean {
  const [policy = '', retries = ''] = text.split(':')
  if (policy !== 'no' && policy !== 'always' && policy !== 'on-failure' && policy !== 'unless-stopped') return false
  draft.restart = policy
  draft.maximumRetries = retries
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
