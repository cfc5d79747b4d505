import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { Trouble } from '../../packages/launch/src/trouble.mjs'

/** The one list of Debian packages: what the platform needs to run containers, and why. */
export const runtimePackages = {
  runc: 'starts containers',
  conmon: 'watches containers',
  netavark: 'connects containers to networks',
  'golang-github-containers-common': 'the seccomp profile',
  iptables: 'published ports',
  conntrack: 'published ports of UDP',
  nftables: 'reads who reaches them; the tests cut hosts off with it',
  iproute2: 'networks',
  'util-linux': 'namespaces and the plain user',
  tar: 'unpacks images',
  zstd: 'unpacks images',
  'xz-utils': 'unpacks images',
  bzip2: 'unpacks images',
}

/** What `npm run up -- --demo` needs beside that. */
export const demoPackages = { 'docker-registry': 'the demo registry' }

/** What the tests and benchmarks need beside that: real peers and a real browser. */
export const testPackages = {
  'docker.io': 'the Docker engine under test',
  ...demoPackages,
  skopeo: 'fills the registry',
  buildah: 'unpacks the same images, to compare',
  'openssh-server': 'hosts reached over SSH',
  'chromium-headless-shell': 'the browser',
  'btrfs-progs': 'volumes with a size limit',
  attr: 'attributes of files in volumes',
  git: 'lists the files that are checked',
}

/**
 * @param {readonly string[]} names
 * @returns {string[]} those that are not installed
 */
export function missingPackages(names) {
  const { stdout, error } = spawnSync('dpkg-query', ['-W', '-f', '${Package}\t${db:Status-Status}\n', ...names], {
    encoding: 'utf8',
  })
  if (error !== undefined) {
    throw new Trouble(
      'This system has no dpkg: Flotilla installs what containers need on Debian 12 or 13 and Ubuntu 24.04. Run it on one.',
    )
  }
  const installed = new Set(
    (stdout ?? '')
      .split('\n')
      .filter((line) => line.endsWith('\tinstalled'))
      .map((line) => line.split('\t')[0]),
  )
  return names.filter((name) => !installed.has(name))
}

/**
 * Installs packages: only these and what they need, nothing that is installed is upgraded, and none starts a daemon. Throws
 * Trouble where that cannot be. `takeUpdates` lets the release's own updates of installed packages in where a package asks for
 * exactly those, as openssh-server does of openssh-client: for machines that tests run on, never for a user's.
 * @param {readonly string[]} names
 * @param {(line: string) => void} say
 * @param {{ takeUpdates?: boolean }} [options]
 */
export function installPackages(names, say, { takeUpdates = false } = {}) {
  say(`Installing from the system's package sources: ${names.join(' ')}`)
  let plan = apt(['--simulate', ...install, ...names])
  if (!plan.ok) {
    say('Fetching the list of packages first.')
    apt(['update'])
    plan = apt(['--simulate', ...install, ...names])
  }
  const { updated, removed } = wouldReplace(plan.said)
  if (takeUpdates && updated.length > 0) say(`The system's own updates come along: ${updated.join(' ')}`)
  const replaced = takeUpdates ? removed : [...updated, ...removed]
  if (replaced.length > 0) {
    throw new Trouble(
      `Installing ${names.join(' ')} would also change what is installed (${replaced.join(' ')}), which Flotilla does not do. ` +
        'Install them by hand (apt-get install) and run it again.',
    )
  }
  withoutStartingServices(() => {
    if (apt([...install, ...names]).ok) return
    // The list may name a version that the server no longer has.
    apt(['update'])
    const { ok, said } = apt([...install, ...names])
    if (!ok) throw new Trouble(`apt-get could not install ${names.join(' ')}:\n${said.trim().slice(-2000)}`)
  })
}

const install = ['install', '--no-install-recommends', '--no-upgrade', '--no-remove', '--yes']

/**
 * @param {string} plan what apt-get says that it would do
 * @returns {{ updated: string[], removed: string[] }} installed packages that would get another version, and that would go
 */
export function wouldReplace(plan) {
  const names = (/** @type {RegExp} */ line) => [...plan.matchAll(line)].map(([, name]) => name ?? '')
  return { updated: names(/^Inst (\S+) \[/gm), removed: names(/^Remv (\S+)/gm) }
}

/** The terminal's Ctrl-C is not for apt-get: it would leave packages half installed. Node takes it here, its types do not know. */
const ownGroup = /** @type {object} */ ({ detached: true })

/** @param {string[]} argv */
function apt(argv) {
  const { status, stdout, stderr } = spawnSync('apt-get', ['--quiet', '-o', 'Dpkg::Use-Pty=0', ...argv], {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    maxBuffer: 64 * 1024 * 1024,
    timeout: 600_000,
    ...ownGroup,
  })
  return { ok: status === 0, said: `${stdout ?? ''}${stderr ?? ''}` }
}

/**
 * Debian starts what it installs; a policy file, where the machine has none, says no for as long as this takes.
 * @param {() => void} work
 */
function withoutStartingServices(work) {
  const policy = '/usr/sbin/policy-rc.d'
  const ours = !existsSync(policy)
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    work()
  } finally {
    if (ours) rmSync(policy, { force: true })
  }
}
