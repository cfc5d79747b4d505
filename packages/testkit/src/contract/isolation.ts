import { expect } from 'vitest'
import { codeOf, fresh, type Kit, scope, sleeper } from './kit.ts'
import type { Topic } from './topic.ts'

type More = Parameters<Kit['run']>[1]

async function status(kit: Kit, name: string, more: More): Promise<string> {
  const { out } = await kit.run('cat /proc/self/status', more)
  return out.find((line) => line.startsWith(`${name}:`))?.split('\t')[1] ?? ''
}

const has = (set: string, bit: number): boolean => ((BigInt(`0x${set}`) >> BigInt(bit)) & 1n) === 1n
const [chown, netAdmin] = [0, 12]

/** What a container may do, and what it shares with its host. */
export const isolation: Topic = (test) => {
  test('adds and drops capabilities', ['containers.create.capabilities'], async (kit) => {
    const rights = async (more: More) => {
      const set = await status(kit, 'CapBnd', more)
      return [has(set, chown), has(set, netAdmin)]
    }
    expect(await rights({})).toEqual([true, false])
    expect(await rights({ capAdd: ['NET_ADMIN'], capDrop: ['CHOWN'] })).toEqual([false, true])
  })

  const reach = async (kit: Kit, more: More) => {
    const { id } = await kit.create(sleeper, more)
    return (await kit.engine.containers.inspect({ id }, scope)).reachesHost
  }
  const binds = ['containers.create.capabilities', 'containers.create.mounts.bind']
  test('tells what of a container reaches its host, and of no other mount', binds, async (kit) => {
    const bind = (source: string, readOnly = false) => ({
      mounts: [{ type: 'bind' as const, source, target: '/lent', readOnly }],
    })
    expect(await reach(kit, {})).toEqual([])
    expect(await reach(kit, { capAdd: ['NET_ADMIN'], ...bind(kit.host.folder) })).toEqual([])
    expect(await reach(kit, { capAdd: ['SYS_ADMIN'] })).toEqual(['sysAdmin'])
    expect(await reach(kit, bind('/etc'))).toEqual(['hostFolder'])
    expect(await reach(kit, bind('/etc', true))).toEqual([])
    expect(await reach(kit, bind('/run'))).toEqual(['engineSocket'])
  })

  test('tells that a container is among its host’s processes', ['containers.create.hostNamespaces'], async (kit) => {
    expect(await reach(kit, { pidNamespace: 'host' })).toEqual(['hostPid'])
    expect(await reach(kit, { ipcNamespace: 'host' })).toEqual([])
  })

  test('filters system calls unless told not to', ['containers.create.seccomp'], async (kit) => {
    expect(await status(kit, 'Seccomp', {})).toBe('2')
    expect(await status(kit, 'Seccomp', { seccomp: 'unconfined' })).toBe('0')
  })

  test('masks the kernel’s paths unless told not to', ['containers.create.maskedPaths'], async (kit) => {
    const masks = async (more: More) => {
      const { out } = await kit.run('cat /proc/self/mountinfo', more)
      return out.map((line) => line.split(' ')[4]).includes('/proc/sys')
    }
    expect(await masks({})).toBe(true)
    expect(await masks({ maskedPaths: 'none' })).toBe(false)
  })

  test('shares the host’s network where that was asked', ['containers.create.network.host'], async (kit) => {
    const network = async (more: More) => (await kit.run('readlink /proc/self/ns/net', more)).out[0]
    const host = await network({ network: 'host' })
    expect(await network({ network: 'host' })).toBe(host)
    expect(await network({ network: 'none' })).not.toBe(host)
  })

  test('has the host’s own name and names on the host’s network', ['containers.create.network.host'], async (kit) => {
    const [name, hosts] = await Promise.all(
      ['/proc/sys/kernel/hostname', '/etc/hosts'].map((path) => kit.host.readFile(path)),
    )
    const { id, out } = await kit.run('hostname; echo "$HOSTNAME"; cat /etc/hosts', { network: 'host' })
    expect(out.join('\n').trim()).toBe(`${name}${name}${hosts}`.trim())
    expect((await kit.engine.containers.inspect({ id }, scope)).hostname).toBe(name?.trim())
    expect((await kit.run('hostname', { network: 'host', hostname: 'own' })).out).toEqual(['own'])
  })

  test('lends the host’s network through no other container', ['containers.create.network.host'], async (kit) => {
    const onHost = await kit.create(sleeper, { network: 'host' })
    const name = fresh('sharer')
    for (const ref of [onHost.name, onHost.id]) {
      const refusal = kit.create(sleeper, { name, network: `container:${ref}` })
      await expect(refusal).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', field: ['network'] })
    }
    expect(await codeOf(kit.create(sleeper, { name, network: `container:${fresh('nobody')}` }))).toBe('NOT_FOUND')
    expect((await kit.engine.containers.list({}, scope)).filter((one) => one.name === name)).toEqual([])
  })

  test('puts a container on the bridge', ['containers.create.network.bridge'], async (kit) => {
    const { id, network } = await kit.start(sleeper, { network: 'bridge' })
    expect(network).toBe('bridge')
    expect((await kit.inspect(id)).state).toBe('running')
  })

  test('shares the host’s processes where that was asked', ['containers.create.hostNamespaces'], async (kit) => {
    expect((await kit.run('echo $$')).out).toEqual(['1'])
    expect((await kit.run('echo $$', { pidNamespace: 'host' })).out).not.toEqual(['1'])
  })

  test('gives a device that works', ['containers.create.devices'], async (kit) => {
    const devices = [{ hostPath: '/dev/zero', containerPath: '/dev/mine' }]
    expect((await kit.run('head -c 4 /dev/mine | wc -c', { devices })).out).toEqual(['4'])
  })
}
