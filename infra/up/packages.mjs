import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'

/** The one list of Debian packages: what the platform needs to run containers, and why. */
export const runtimePackages = {
  runc: 'starts containers',
  conmon: 'watches containers',
  netavark: 'connects containers to networks',
  'aardvark-dns': 'answers the names of containers',
  'golang-github-containers-common': 'the seccomp profile',
  iptables: 'published ports',
  iproute2: 'networks',
  'util-linux': 'namespaces and the plain user',
  tar: 'unpacks images',
  zstd: 'unpacks images',
}

/** What the tests and benchmarks need beside that: real peers and a real browser. */
export const testPackages = {
  'docker.io': 'the Docker engine under test',
  'docker-registry': 'a registry to pull from',
  skopeo: 'fills the registry',
  buildah: 'unpacks the same images, to compare',
  'openssh-server': 'hosts reached over SSH',
  chromium: 'the browser',
  nftables: 'cuts hosts off',
  git: 'lists the files that are checked',
}

/**
 * @param {readonly string[]} names
 * @returns {string[]} those that are not installed
 */
export function missingPackages(names) {
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '${Package}\t${db:Status-Status}\n', ...names], {
    encoding: 'utf8',
  })
  const installed = new Set(
    (stdout ?? '')
      .split('\n')
      .filter((line) => line.endsWith('\tinstalled'))
      .map((line) => line.split('\t')[0]),
  )
  return names.filter((name) => !installed.has(name))
}

/**
 * Installs packages: only these and what they need, nothing that is installed is upgraded, and none starts a daemon.
 * @param {readonly string[]} names
 * @param {(line: string) => void} say
 */
export function installPackages(names, say) {
  say(`Installing from the system's package sources: ${names.join(' ')}`)
  withoutStartingServices(() => {
    if (apt(['install', '--no-install-recommends', '--no-upgrade', '--no-remove', '--yes', ...names]).ok) return
    say('Fetching the list of packages first.')
    apt(['update'])
    const { ok, said } = apt(['install', '--no-install-recommends', '--no-upgrade', '--no-remove', '--yes', ...names])
    if (!ok) throw new Error(`apt-get could not install ${names.join(' ')}:\n${said.slice(-2000)}`)
  })
}

/** @param {string[]} argv */
function apt(argv) {
  const { status, stdout, stderr } = spawnSync('apt-get', ['--quiet', '-o', 'Dpkg::Use-Pty=0', ...argv], {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    maxBuffer: 64 * 1024 * 1024,
    timeout: 600_000,
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
