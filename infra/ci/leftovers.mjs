import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * What a run could leave on a machine. Things are named by text, so that two snapshots can be compared.
 * @typedef {Record<'process' | 'mount' | 'link' | 'network namespace' | 'cgroup' | 'firewall rule' | 'folder', Set<string>>} Snapshot
 */

/** Names of ours outside our folders: bridges, networks, cgroups, namespaces. */
const ours = /flotilla|\bfl[0-9a-f]{6}\b|\bfllab/

/**
 * @param {string} mark text that stands in the environment, arguments or folders of all that the run starts
 * @param {(name: string) => boolean} [isOwn] whether a control group of this name is the run's and not another instance's
 * @returns {Snapshot}
 */
export function snapshot(mark, isOwn = () => true) {
  const isOurs = (/** @type {string} */ text) => text.includes(mark) || ours.test(text)
  return {
    process: processes(mark),
    mount: new Set(
      readFileSync('/proc/self/mountinfo', 'utf8')
        .split('\n')
        .filter(isOurs)
        .map((line) => line.split(' ')[4] ?? ''),
    ),
    link: new Set(names('/sys/class/net').filter((name) => /^(fl|veth)/.test(name))),
    'network namespace': new Set(names('/run/netns')),
    cgroup: new Set(cgroups().filter((path) => isOurs(path) && isOwn(basename(path)))),
    'firewall rule': new Set(firewall()),
    folder: new Set(folders()),
  }
}

/** Folders of ours that stand outside the run's own temporary folder. */
function folders() {
  // The lock and the folder of subnets are the machine's and stay; an entry in it is an instance's.
  const retained = new Set(['network.lock', 'subnets'])
  const instances = ['/run/flotilla', '/run/flotilla/subnets'].flatMap((parent) =>
    names(parent).flatMap((name) => (retained.has(name) ? [] : [join(parent, name)])),
  )
  const own = ['/run', '/var/tmp'].flatMap((parent) => names(parent).map((name) => join(parent, name)))
  return [...instances, ...own.filter((path) => /\/flotilla-[^/]+$/.test(path))]
}

/**
 * What is there now and was not before, after a grace for what is just ending.
 * @param {Snapshot} before
 * @param {string} mark
 * @param {number} graceMs
 * @param {(name: string) => boolean} [isOwn] as in `snapshot`
 * @returns {Promise<string[]>}
 */
export async function leftovers(before, mark, graceMs = 5000, isOwn = () => true) {
  const until = performance.now() + graceMs
  for (;;) {
    const now = snapshot(mark, isOwn)
    const left = /** @type {(keyof Snapshot)[]} */ (Object.keys(now)).flatMap((kind) =>
      [...now[kind]].filter((name) => !before[kind].has(name)).map((name) => `${kind} ${name}`),
    )
    if (left.length === 0 || performance.now() > until) return left
    await sleep(250)
  }
}

/**
 * Notes the names of the run's own control groups while it goes on. Groups are the machine's, where other instances make theirs;
 * but in the run's process namespace there are its processes alone, and in its /run its instances.
 */
export function watchGroups() {
  const own = new Set(/** @type {string[]} */ ([]))
  const look = () => {
    for (const name of names('/run/flotilla/subnets')) own.add(`flotilla-${name}`)
    for (const name of [...names('/run'), ...names('/var/tmp')]) {
      if (name.startsWith('flotilla-')) own.add(name.replace('flotilla-test-', 'flotilla-'))
    }
    for (const pid of names('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const groups = readFileSync(join('/proc', pid, 'cgroup'), 'utf8')
        for (const [, name = ''] of groups.matchAll(/\/(flotilla-[\w-]+)/g)) own.add(name)
      } catch {
        // it ended while it was looked at
      }
    }
  }
  const timer = setInterval(look, 1000)
  return {
    isOwn: (/** @type {string} */ name) => own.has(name),
    stop: () => clearInterval(timer),
  }
}

/** @param {string} folder */
function names(folder) {
  return existsSync(folder) ? readdirSync(folder) : []
}

/**
 * Processes that the run started, by the mark, and whatever else of ours has lost its parent.
 * @param {string} mark
 */
function processes(mark) {
  const found = new Set(/** @type {string[]} */ ([]))
  for (const pid of names('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    try {
      const folder = join('/proc', pid)
      const argv = readFileSync(join(folder, 'cmdline'), 'utf8').replaceAll('\0', ' ').trim()
      const [, parent = ''] = readFileSync(join(folder, 'stat'), 'utf8').split(') ')[1]?.split(' ') ?? []
      const said = [argv, readFileSync(join(folder, 'environ'), 'utf8'), readlinkSync(join(folder, 'cwd'))].join('\0')
      const cgroup = readFileSync(join(folder, 'cgroup'), 'utf8')
      if (Number(parent) === process.pid) continue
      if (said.includes(mark) || cgroup.includes('/flotilla-')) found.add(`${pid} ${argv.slice(0, 120)}`)
    } catch {
      // it ended while it was looked at
    }
  }
  return found
}

function cgroups() {
  const root = '/sys/fs/cgroup'
  const folders = existsSync(join(root, 'cgroup.controllers')) ? [root] : names(root).map((name) => join(root, name))
  return folders.flatMap((folder) => {
    try {
      return readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => join(folder, entry.name))
    } catch {
      return []
    }
  })
}

function firewall() {
  return ['nat', 'filter'].flatMap((kind) => {
    const { stdout } = spawnSync('iptables-save', ['-t', kind], { encoding: 'utf8' })
    return (stdout ?? '').split('\n').filter((line) => line.startsWith('-A') && !isMachineWide(line))
  })
}

/**
 * What netavark lays once for all networks of a machine, whosoever they are, and never takes away: the ways into its chains and
 * the marks in them. A container's own rules name its network or its address and are not among these.
 * @param {string} rule
 */
function isMachineWide(rule) {
  return (
    /^-A (PREROUTING|OUTPUT) -m addrtype --dst-type LOCAL -j NETAVARK-HOSTPORT-DNAT$/.test(rule) ||
    /^-A POSTROUTING -j NETAVARK-HOSTPORT-MASQ$/.test(rule) ||
    /^-A NETAVARK-HOSTPORT-(MASQ|SETMARK) .*0x2000\/0x2000( -j MASQUERADE)?$/.test(rule) ||
    /^-A FORWARD .*"netavark firewall plugin rules" -j NETAVARK_FORWARD$/.test(rule)
  )
}
