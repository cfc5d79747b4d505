import type { FleetHostPorts, HostPorts } from '@flotilla/protocol'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { hidingPolicy } from './testing/hiding.ts'
import { linkTo } from './testing/scripted-host.ts'
import { openWithAgent, type WithAgent } from './testing/with-agent.ts'

// Ports tell of who has them, and rules of the networks behind them: of what is labelled so nobody but owners learns anything there.

const policy = hidingPolicy(({ labels }) => labels?.['audience'] === 'owners')
const secret = { labels: { audience: 'owners' } }
type Who = 'owner' | 'operator'
let all: WithAgent
const keys: Record<string, string> = {}

beforeAll(async () => {
  all = await openWithAgent({ policy, containers: 0 })
  for (const role of ['owner', 'operator'] as const) keys[role] = (await all.plane.person(role)).key
}, 60_000)
afterAll(() => all?.dispose())

const ask = (who: Who, method: string, path: string, body?: object) =>
  all.plane.rest(keys[who] ?? '', method, path, body)

async function make(who: Who, plural: string, body: object) {
  const made = await ask(who, 'POST', `/hosts/${all.host().id}/${plural}`, body)
  expect([made.status, made.text]).toEqual([200, made.text])
  return { id: String(made.body['id']), nativeId: String(made.body['nativeId']) }
}

test('a port that a hidden container has is taken by another container, of which nothing is said', async () => {
  const ports = [{ containerPort: 80, hostPort: 18_080 }]
  const program = { image: 'busybox', command: ['sh', '-c', 'sleep infinity'], ports }
  const holder = await make('owner', 'containers', { name: 'secret-holder', start: true, ...program, ...secret })
  const wanting = await make('operator', 'containers', { name: 'wanting', ...program })
  const start = (who: Who) => ask(who, 'POST', `/containers/${wanting.id}/start`, {})
  const [owner, operator] = [await start('owner'), await start('operator')]
  expect([owner.status, operator.status]).toEqual([409, 409])
  expect(owner.body).toMatchObject({
    kind: 'port.takenByContainer',
    objects: [{ id: holder.id, name: 'secret-holder' }],
  })
  expect(operator.body).toMatchObject({ kind: 'port.takenByContainer', params: { place: 'TCP port 18080' } })
  for (const mark of ['secret-holder', holder.id, holder.nativeId]) expect(operator.text).not.toContain(mark)
})

/** What the owner and the operator are told of a port that this rule decides about. */
async function quoted(rule: { text: string; chain: string }) {
  const reach = [
    { family: 'ipv4' as const, verdict: 'no' as const, from: [], notFrom: [], reason: 'rules' as const },
  ].map((each) => ({ ...each, rule: { ...rule, table: 'ip filter' } }))
  const port = { protocol: 'tcp' as const, address: '', port: 18_083, program: 'sshd', pid: 7, container: null, reach }
  const answer: HostPorts = { at: new Date().toISOString(), published: [], held: [port] }
  const { gateway } = all.plane.app
  const real = gateway.linkOf(all.host().id)
  if (real === undefined) throw new Error('the host is away')
  gateway.attach(all.host().id, await linkTo({ agent: { ports: () => Promise.resolve(answer) } }))
  onTestFinished(() => gateway.attach(all.host().id, real))
  const answered = async (who: Who) => {
    const { body } = await ask(who, 'GET', `/hosts/${all.host().id}/ports`)
    const said = (body as unknown as FleetHostPorts).held[0]?.reach[0]?.rule
    return { text: said?.text, chain: said?.chain }
  }
  return { owner: await answered('owner'), operator: await answered('operator') }
}

test.each([
  ['-A secret-net -m comment --comment secret-box -j DROP', '-A [hidden] -m comment --comment [hidden] -j DROP'],
  ['-A FORWARD ! -i secret-net --log-prefix log -j LOG', '-A FORWARD ! -i [hidden] --log-prefix [hidden] -j LOG'],
  ['ip saddr 10.0.0.0/8 log drop comment log', 'ip saddr 10.0.0.0/8 log drop comment [hidden]'],
  ['iifname secret-net jump secret-box', 'iifname [hidden] jump [hidden]'],
])('a rule names nothing hidden where it has names without quotes: %s', async (text, shown) => {
  for (const name of ['secret-net', 'secret-box', 'log']) {
    const made = await ask('owner', 'POST', `/hosts/${all.host().id}/networks`, { name, ...secret })
    expect([200, 409]).toContain(made.status)
  }
  const rule = { text, chain: 'secret-net' }
  expect(await quoted(rule)).toEqual({ owner: rule, operator: { text: shown, chain: '[hidden]' } })
  expect((await quoted({ text: 'policy drop', chain: 'FORWARD' })).operator.chain).toBe('FORWARD')
})

test('a rule that is quoted names no hidden network', async () => {
  const network = await make('owner', 'networks', { name: 'accept', ...secret })
  const short = network.nativeId.slice(0, 12)
  /** As the native engine calls a network's link. */
  const link = `fl0a1b2c${network.nativeId.slice(0, 6)}`
  const container = await make('operator', 'containers', { name: 'seen', image: 'busybox' })
  const text = `-A FORWARD -o br-${short} -i ${link} -p tcp -m comment --comment "name: accept id: ${network.nativeId}" -j accept`
  const rule = { text, table: 'ip filter', chain: `FORWARD-${short}` }
  const from = [`10.0.0.0/8 on br-${short}`]
  const reach = [
    { family: 'ipv4' as const, verdict: 'onlyFrom' as const, from, notFrom: from, reason: 'rules' as const, rule },
  ]
  const port = { containerPort: 80, hostPort: 18_081, hostIp: '', protocol: 'tcp' as const }
  const program = {
    protocol: 'tcp' as const,
    address: '',
    port: 18_082,
    program: 'sshd',
    pid: 7,
    container: null,
    reach,
  }
  const engine = all.host().reported[0]?.id ?? ''
  const answer: HostPorts = {
    at: new Date().toISOString(),
    published: [{ engine, containerId: container.nativeId, port, reach }],
    held: [program],
  }
  const { gateway } = all.plane.app
  const real = gateway.linkOf(all.host().id)
  if (real === undefined) throw new Error('the host is away')
  gateway.attach(all.host().id, await linkTo({ agent: { ports: () => Promise.resolve(answer) } }))
  onTestFinished(() => gateway.attach(all.host().id, real))
  const reachFor = async (who: Who) => {
    const { status, text: said, body } = await ask(who, 'GET', `/hosts/${all.host().id}/ports`)
    expect([status, said]).toEqual([200, said])
    const { published, held } = body as unknown as FleetHostPorts
    return [...published, ...held].flatMap((each) => each.reach)
  }
  expect(await reachFor('owner')).toEqual([...reach, ...reach])
  const hidden = ['10.0.0.0/8 on br-[hidden]']
  const quoted =
    '-A FORWARD -o br-[hidden] -i fl[hidden] -p tcp -m comment --comment "name: [hidden] id: [hidden]" -j accept'
  const shown = {
    ...reach[0],
    from: hidden,
    notFrom: hidden,
    rule: { ...rule, text: quoted, chain: 'FORWARD-[hidden]' },
  }
  expect(await reachFor('operator')).toEqual([shown, shown])
})
