import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run, runOk } from '@flotilla/host'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildChild } from '@flotilla/testkit/built-child'
import { createNetworks, releaseSubnet } from './index.ts'
import { resolveIn } from './testing/boxes.ts'

const instance = randomBytes(3).toString('hex')
const containerId = 'd'.repeat(64)
/** One of each change. At those of the long run whole agents die each time, in failure-points.engine.test.ts. */
const points = [
  ...['networks.create.state', 'network.connect.linked', 'network.publish.leased', 'network.disconnect.unlinked'],
  ...(process.env['FLOTILLA_LONG'] === '1'
    ? [
        ...['networks.create.reserved', 'network.connect.leased', 'network.attached', 'network.publish.held'],
        ...['network.publish.ruled', 'network.disconnect.leased', 'networks.remove.state'],
      ]
    : []),
]
let folder = ''
let child = ''
const places = () => ({ instance, dataDir: join(folder, 'data'), runDir: join(folder, 'run') })
const container = () => ({ containerId, hostname: 'doomed', folder: join(folder, 'box') })

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-changes-'))
  child = await buildChild(fileURLToPath(new URL('./testing/change-child.ts', import.meta.url)), folder)
})
afterAll(async () => {
  await releaseSubnet(instance)
  rmSync(folder, { recursive: true })
})

/** Links inside, the holder's sockets, our translations, registered subnets. */
async function state(netns: string) {
  const [links, sockets, rules] = await Promise.all([
    runOk(['nsenter', `--net=${netns}`, 'ls', '/proc/self/net/dev_snmp6']),
    runOk(['ss', '-Hltnp']),
    runOk(['iptables-save', '-t', 'nat']),
  ])
  const lines = (text: Buffer) => text.toString().split('\n')
  const keeper = lines((await run(['pgrep', '-f', join(folder, 'run/ports')])).stdout)[0] ?? ''
  return {
    links: lines(links.stdout).filter((name) => name.startsWith('eth')),
    held: lines(sockets.stdout).filter((line) => keeper !== '' && line.includes(`pid=${keeper},`)).length,
    translations: lines(rules.stdout).filter((line) => line.startsWith(`-A FLOTILLA-${instance}-DN`)).length,
    registered: readdirSync('/run/flotilla/subnets').filter((name) => name.startsWith(instance)).length,
  }
}

it.each(points)('what a kill at %s left half changed becomes what is wanted', async (point) => {
  const result = await run([process.execPath, child, JSON.stringify(places()), point, containerId, folder], {
    timeoutMs: 30_000,
  })
  expect(result.stderr).toMatch(/ended by SIGKILL/)
  const networks = await createNetworks({ ...places(), log: { warn: () => {} }, failurePoint: () => {} })
  const { definitions } = networks
  const made = definitions.all().find(({ isDefault }) => !isDefault)
  const own = { network: definitions.find('bridge').id, aliases: [] }
  const port = { containerPort: 80, hostPort: 0, hostIp: '', protocol: 'tcp' as const }
  const netns = networks.namespaceOf(containerId) ?? ''

  // Wanted as before the change: nothing of it is left.
  const before = await networks.restore(container(), { networks: [own], ports: [port] })
  expect(before?.ports).toHaveLength(1)
  expect(await state(netns)).toEqual({
    links: ['eth0'],
    held: 2,
    translations: 1,
    registered: made === undefined ? 1 : 3,
  })

  // Wanted as after it: all of it is there.
  if (made !== undefined) {
    const other = { network: made.id, aliases: ['alias'] }
    const second = { ...port, containerPort: 81 }
    await networks.restore(container(), { networks: [own, other], ports: [...(before?.ports ?? []), second] })
    expect(await state(netns)).toEqual({ links: ['eth0', 'eth1'], held: 4, translations: 2, registered: 3 })
    const enter = ['nsenter', `--net=${netns}`]
    const address = networks.endpointsOf(containerId).find(({ network }) => network === made.id)?.ipv4
    await expect
      .poll(() => resolveIn(enter, 'alias', made.subnets[0]?.gateway ?? ''), { timeout: 10_000 })
      .toBe(address)
  }

  await networks.teardown(containerId)
  if (made !== undefined) await definitions.remove(made.id)
  expect(await networks.list()).toEqual([])
  for (const program of ['iptables-save', 'ip6tables-save']) {
    expect((await runOk([program])).stdout.toString()).not.toContain(instance)
  }
  expect(readdirSync('/sys/class/net').filter((name) => name.includes(instance))).toEqual([])
  expect(existsSync(`/run/flotilla/subnets/${instance}`)).toBe(true)
  expect(readdirSync('/run/flotilla/subnets').filter((name) => name.startsWith(instance))).toHaveLength(1)
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(folder)
})
