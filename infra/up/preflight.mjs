import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { installPackages, missingPackages } from './packages.mjs'
import { Trouble } from '../../packages/launch/src/trouble.mjs'

/**
 * The flags of a command; throws a sentence for one that it does not know.
 * @param {readonly string[]} argv
 * @param {readonly string[]} known
 * @param {string} command
 */
export function flagsFrom(argv, known, command) {
  const unknown = argv.find((flag) => !known.includes(flag))
  if (unknown !== undefined) throw new Trouble(`${command} knows ${known.join(' and ')}, not ${unknown}.`)
  return new Set(argv)
}

/** @param {string} command how to run it again as root */
export function needRoot(command) {
  if (process.getuid?.() !== 0) {
    throw new Trouble(
      `Flotilla makes namespaces and mounts for containers and must be started by root: sudo ${command}`,
    )
  }
}

/**
 * Installs the system packages that are missing.
 * @param {readonly string[]} names
 * @param {boolean} refuse throws a sentence that names them instead
 * @param {(line: string) => void} say
 */
export function needPackages(names, refuse, say) {
  const missing = missingPackages(names)
  if (missing.length === 0) return
  if (!refuse) return installPackages(missing, say)
  throw new Trouble(
    `These system packages are missing: ${missing.join(' ')}. ` +
      `Install them (apt-get install --no-install-recommends ${missing.join(' ')}) or leave --no-install away.`,
  )
}

/** What the kernel must give, each tried for real in a network namespace of its own that is gone afterwards. */
const features = [
  { tries: ['unshare', '--net', 'true'], lacks: 'network namespaces (CONFIG_NET_NS)' },
  { tries: ['unshare', '--mount', 'true'], lacks: 'mount namespaces' },
  {
    tries: ['unshare', '--net', 'ip', 'link', 'add', 'fl0', 'type', 'bridge'],
    lacks: 'network bridges (module bridge)',
  },
  {
    tries: ['unshare', '--net', 'ip', 'link', 'add', 'fl0', 'type', 'veth', 'peer', 'name', 'fl1'],
    lacks: 'virtual network pairs (module veth)',
  },
  {
    tries: ['unshare', '--net', 'iptables', '--table', 'nat', '--list', '--numeric'],
    lacks: 'address translation (module iptable_nat or nft_chain_nat)',
  },
]

/** Throws a sentence for the first thing that this kernel does not give. */
export function needKernel() {
  for (const { tries, lacks } of features) {
    const [program = '', ...argv] = tries
    const { status, stderr } = spawnSync(program, argv, { encoding: 'utf8', timeout: 10_000 })
    if (status !== 0) {
      const said = (stderr ?? '').trim().split('\n')[0] ?? ''
      throw new Trouble(
        `This kernel does not give ${lacks}, which containers need (${said}). ` +
          'Load the module, or run Flotilla on a machine or in a virtual machine that has it.',
      )
    }
  }
  if (!hasCgroups()) {
    throw new Trouble(
      'There are no control groups with memory and pids under /sys/fs/cgroup, which limits of containers need. ' +
        'Mount them (most systems do at boot) and run it again.',
    )
  }
}

function hasCgroups() {
  const unified = '/sys/fs/cgroup/cgroup.controllers'
  if (existsSync(unified)) return /\bmemory\b.*\bpids\b/.test(readFileSync(unified, 'utf8'))
  return existsSync('/sys/fs/cgroup/memory/cgroup.procs') && existsSync('/sys/fs/cgroup/pids/cgroup.procs')
}

/**
 * Throws a sentence that names the holder where the port is taken.
 * @param {number} port
 * @param {string} listen
 * @param {string} setting the variable that it comes from
 */
export async function needPort(port, listen, setting) {
  /** @type {NodeJS.ErrnoException | undefined} */
  const error = await new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', resolve)
    probe.listen({ port, host: listen, exclusive: true }, () => probe.close(() => resolve(undefined)))
  })
  if (error === undefined) return
  if (error.code === 'EADDRINUSE') {
    const holder = holderOf(port)
    throw new Trouble(
      `Port ${port} is taken${holder === undefined ? '' : ` by ${holder}`}. ` +
        `Stop that, or choose another: ${setting}=${port + 1} npm run up`,
    )
  }
  throw new Trouble(`Flotilla cannot listen on ${listen} port ${port} (${error.code}); check FLOTILLA_LISTEN.`)
}

/**
 * The program that listens on a TCP port, by the kernel's tables.
 * @param {number} port
 * @returns {string | undefined} its name and process id
 */
export function holderOf(port) {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  const inodes = new Set(
    ['/proc/net/tcp', '/proc/net/tcp6'].filter(existsSync).flatMap((table) =>
      readFileSync(table, 'utf8')
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
        .filter((fields) => fields[1]?.endsWith(`:${hex}`) && fields[3] === '0A')
        .map((fields) => `socket:[${fields[9]}]`),
    ),
  )
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const holds = readdirSync(`/proc/${pid}/fd`).some((fd) => inodes.has(readlink(`/proc/${pid}/fd/${fd}`)))
      if (holds) return `${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()} (process ${pid})`
    } catch {
      // it ended while it was looked at
    }
  }
  return undefined
}

/** @param {string} path */
function readlink(path) {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
