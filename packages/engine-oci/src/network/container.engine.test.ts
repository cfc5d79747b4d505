import { setTimeout as sleep } from 'node:timers/promises'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, runOk, spawn } from '@flotilla/host'
import { cgroupAt, readCgroupLayout, readHostLimits, readKernelView, readOomKills, readStats } from '@flotilla/kernel'
import { parseSeccompProfile, seccompProfilePath } from '@flotilla/oci'
import { ContainerSpec, type ContainerSpecInput } from '@flotilla/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildRuntimeSpec, ensureFolderInRoot, resolveDevices, resolveUserInRoot } from '../runtime-spec/index.ts'
import { createNetworks, releaseSubnet } from './index.ts'
import type { Networks } from './types.ts'

const instance = randomBytes(3).toString('hex')
let folder = ''
let networks: Networks
let count = 0

/** A root file system of the host's own programs, with accounts of its own. */
function makeRoot(root: string): void {
  for (const name of ['etc', 'usr', 'tmp', 'proc', 'sys', 'dev']) mkdirSync(join(root, name), { recursive: true })
  for (const name of ['bin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, join(root, name))
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nweb:x:33:44::/var/www:/bin/sh\n')
  writeFileSync(join(root, 'etc/group'), 'web:x:44:\naudio:x:29:web\n')
}

/** Makes the bundle of a container from a spec, as the engine does; `runc` is the only thing that then judges it. */
async function prepare(input: Partial<ContainerSpecInput>) {
  const id = createHash('sha256')
    .update(`${instance}${(count += 1)}`)
    .digest('hex')
  const bundle = join(folder, id)
  const rootfsPath = join(bundle, 'rootfs')
  makeRoot(rootfsPath)
  const usr = { type: 'bind' as const, source: '/usr', target: '/usr', readOnly: true }
  const spec = ContainerSpec.parse({ image: 'test', ...input, mounts: [usr, ...(input.mounts ?? [])] })
  const layout = await readCgroupLayout()
  const network = await networks.setup({
    ...{ containerId: id, name: `box${count}`, hostname: 'box', network: spec.network, ports: [] },
    folder: bundle,
  })
  const cgroupsPath = `/flotilla-${instance}/${id}`
  await ensureFolderInRoot(rootfsPath, spec.workingDir ?? '/')
  const config = buildRuntimeSpec({
    ...{ containerId: id, image: { Cmd: ['/bin/sh'] }, spec, rootfsPath, netnsPath: network.netnsPath, cgroupsPath },
    user: await resolveUserInRoot(rootfsPath, spec.user ?? ''),
    hostLimits: await readHostLimits(layout),
    seccompProfile: parseSeccompProfile(readFileSync(seccompProfilePath, 'utf8')),
    files: network.files,
    devices: await resolveDevices(spec.devices),
    volumes: [],
    recursiveReadOnly: true,
    hostname: 'box',
  })
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(config))
  const runc = ['runc', '--root', join(folder, 'runc')]
  return { id, bundle, cgroup: cgroupAt(layout, cgroupsPath), start: [...runc, 'run', '--bundle', bundle, id], runc }
}

/** Runs a shell line in a container to its end. */
async function shell(script: string, input: Partial<ContainerSpecInput> = {}) {
  const made = await prepare({ ...input, command: ['/bin/sh', '-c', script] })
  try {
    const result = await run(made.start, { timeoutMs: 20_000 })
    return { ...made, exitCode: result.exitCode, out: result.stdout.toString().trim(), err: result.stderr }
  } finally {
    await run([...made.runc, 'delete', '--force', made.id])
    await networks.teardown(made.id)
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-spec-'))
  networks = await createNetworks({
    ...{ instance, dataDir: join(folder, 'data'), runDir: join(folder, 'run') },
    ...{ log: { warn: (_, message) => process.stderr.write(message) }, failurePoint: () => {} },
  })
})
afterAll(async () => {
  for (const id of await networks.list()) await networks.teardown(id)
  await releaseSubnet(instance)
  // runc makes the parent in every hierarchy, the systemd and unified ones of a hybrid machine included
  for (const hierarchy of ['', ...readdirSync('/sys/fs/cgroup')]) {
    const path = join('/sys/fs/cgroup', hierarchy, `flotilla-${instance}`)
    if (existsSync(path)) await runOk(['rmdir', path])
  }
  rmSync(folder, { recursive: true })
})

describe('a runtime spec, judged by runc', () => {
  it('runs with the host name, address, user, groups, environment and folder that were asked', async () => {
    const { out, exitCode, err } = await shell('hostname; id; pwd; echo $A $HOME; ip -4 -o addr show eth0', {
      ...{ user: 'web', workingDir: '/srv/new', env: { A: 'b c' } },
    })
    expect(err).toBe('')
    expect(exitCode).toBe(0)
    const [host, id, folderInside, env, address] = out.split('\n')
    expect([host, folderInside, env]).toEqual(['box', '/srv/new', 'b c /var/www'])
    expect(id).toContain('uid=33(web) gid=44(web) groups=44(web),29(audio)')
    expect(address).toContain(networks.facts.subnet.replace('0/24', ''))
  })

  it('holds capabilities, seccomp, masked paths and a read-only root', async () => {
    const script = 'grep -E "CapBnd|Seccomp:" /proc/self/status; wc -c < /proc/keys; touch /x; setarch -R true; mount'
    const { out, err } = await shell(script, { readOnlyRoot: true, capDrop: ['ALL'], capAdd: ['CHOWN'] })
    expect(out).toMatch(/CapBnd:\t0000000000000001\nSeccomp:\t2\n0\n/)
    expect(err).toMatch(/touch: .*Read-only file system/)
    expect(err).toMatch(/setarch: failed to set personality/) // seccomp lets the plain personalities through alone
    expect(out).toMatch(/on \/proc\/sys type proc \(ro/)
  })

  it('mounts tmpfs with its size, and devices that then work', async () => {
    const { out } = await shell('df -k /scratch | tail -1; head -c 4 /dev/mine | wc -c; ls /dev/kmsg 2>&1', {
      mounts: [{ type: 'tmpfs', target: '/scratch', sizeBytes: 1024 * 1024 }],
      devices: [{ hostPath: '/dev/zero', containerPath: '/dev/mine' }],
    })
    expect(out).toMatch(/tmpfs +1024 .*\n4\nls: cannot access/)
  })

  it('shares the host’s namespaces where that was asked', async () => {
    const inside = await shell('readlink /proc/self/ns/net /proc/self/ns/uts /proc/self/ns/ipc /proc/self/ns/pid', {
      ...{ network: 'host', utsNamespace: 'host', ipcNamespace: 'host', pidNamespace: 'host' },
    })
    const host = await runOk(['readlink', ...['net', 'uts', 'ipc', 'pid'].map((name) => `/proc/self/ns/${name}`)])
    expect(inside.err).toBe('')
    expect(inside.out).toBe(host.stdout.toString().trim())
  })

  it('limits memory, and the kernel says who was killed for it', async () => {
    const made = await prepare({
      command: ['/bin/sh', '-c', 'tail /dev/zero; sleep 30'],
      memoryBytes: 32 * 1024 * 1024,
    })
    const child = spawn(made.start, { stdio: 'ignore' })
    try {
      for (let tries = 0; (await readOomKills(made.cgroup)) !== 1; tries += 1) {
        if (tries > 100) throw new Error('the kernel counted no kill')
        await sleep(100)
      }
      const reading = await readStats(made.cgroup)
      expect(reading?.stats).toMatchObject({ memoryLimitBytes: 33_554_432, oomKills: 1 })
      expect(reading?.stats.memoryPeakBytes).toBeLessThanOrEqual(33_554_432)
    } finally {
      await run([...made.runc, 'delete', '--force', made.id])
      if (child.exitCode === null) await once(child, 'close')
      await networks.teardown(made.id)
    }
  })

  it('is shown by the kernel view as it is', async () => {
    const made = await prepare({
      command: ['/bin/sh', '-c', 'sleep 60; true'],
      cpus: 0.5,
      pidsLimit: 20,
      capDrop: ['MKNOD'],
    })
    const child = spawn(made.start, { stdio: 'ignore' })
    try {
      let pid = 0
      for (let tries = 0; pid === 0 && tries < 100; tries += 1) {
        await sleep(50)
        const state = await run([...made.runc, 'state', made.id])
        const { status, pid: found } = JSON.parse(state.stdout.toString() || '{}') as { status?: string; pid?: number }
        if (status === 'running' && found !== undefined) pid = found
      }
      const view = await readKernelView({ pid, cgroup: made.cgroup, others: [] })
      expect(view?.namespaces.map(({ type, owner }) => `${type}:${owner}`)).toEqual([
        ...['mnt:own', 'pid:own', 'net:own', 'ipc:own', 'uts:own', 'user:host', 'cgroup:own', 'time:host'],
      ])
      expect(view).toMatchObject({ seccomp: 'filter', noNewPrivileges: false })
      expect(view?.cgroup.stats).toMatchObject({ cpuLimitCores: 0.5, pidsLimit: 20 })
      expect(view?.capabilities).not.toContain('CAP_MKNOD')
      expect(view?.processes.map(({ containerPid }) => containerPid)).toContain(1)
      expect(view?.mounts.some(({ target }) => target === '/etc/hosts')).toBe(true)
    } finally {
      await run([...made.runc, 'delete', '--force', made.id])
      if (child.exitCode === null) await once(child, 'close')
      await networks.teardown(made.id)
    }
  })
})
