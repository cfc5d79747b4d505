import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { makeTestDaemon } from '@flotilla/testkit/docker-daemon'
import { describeTraces, findTraces } from '@flotilla/testkit/lab/traces'
import { type Clone, makeClone } from './testing/clone.ts'
import type { Instance } from './testing/instance.ts'
import { type Container, type Owned, ask, own, page } from './testing/owned.ts'

let clone: Clone
/** Runs from test to test; a try that failed takes it away, and the next has a new one. */
let one: Owned
/** What one test starts beside it. */
let others: Instance[] = []

beforeAll(async () => {
  clone = await makeClone()
  one = own(await clone.instance('one'))
}, 240_000)

beforeEach(async () => {
  if (one.isRemoved) one = own(await clone.instance('one'))
  if (!one.instance.isRunning) await one.instance.up()
}, 240_000)

afterEach(async ({ task }) => {
  const failed = task.result?.state === 'fail'
  const left = (await Promise.all(others.map((other) => other.remove()))).flat()
  others = []
  if (failed) await one.remove()
  else expect(left).toEqual([])
}, 120_000)

afterAll(async () => {
  const left = one?.isRemoved === false ? await one.remove() : []
  await clone?.remove()
  expect(left).toEqual([])
}, 120_000)

async function another(name: string): Promise<Instance> {
  const made = await clone.instance(name)
  others.push(made)
  return made
}

/** What every user of this machine can read of its processes. */
async function commandLines(): Promise<string> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')) // it ended meanwhile
  return (await Promise.all(lines)).join('\n')
}

/** What the instance has for its containers; its programs, and the networks that it prepares for later ones, come and go. */
async function holdings(of: Instance): Promise<string[]> {
  const prepared = /spare-|^link |^firewall rule (?!.*--dport)/
  return describeTraces({ ...(await of.traces()), processes: new Map() })
    .filter((line) => !prepared.test(line))
    .sort()
}

it('answers, and its link makes the first admin once', async () => {
  const { url } = one.instance
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ ok: true })
  const home = await fetch(url)
  expect([home.status, home.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
  expect(one.instance.output()).toContain(`Flotilla answers at ${url}\n`)
  expect(await one.openSetupLink()).toBe(200)
  expect(await one.openSetupLink()).toBe(403)
})

it('runs the starter image with the key that npm run admin prints', async () => {
  expect(await one.key()).toMatch(/^flk_[\w-]{43}$/)
  const { container } = await one.web()
  expect(container).toMatchObject({ name: 'hello', state: 'running' })
})

it('makes people whose passwords come by standard input, and says in a sentence what is wrong', async () => {
  const who = ['--email', 'bob@example.org', '--name', 'Bob']
  await one.key()
  const made = await one.instance.npm(
    'admin',
    ['user', 'create', ...who, '--role', 'viewer'],
    'a password of his own\n',
  )
  expect(made).toMatchObject({ exitCode: 0 })
  const away = await (await another('away')).npm('admin', ['token', 'create'])
  expect(away.exitCode).toBe(1)
  expect(away.stderr).toMatch(/Flotilla with the data folder \S+ does not run\. Start it first/)
})

// Two instances of the native engine stand beside each other in its own tests; here with all that `npm run up` starts, in the long run.
if (process.env['FLOTILLA_LONG'] === '1') {
  it('stands beside a second one with containers of its own, which ends without touching it', async () => {
    const { port, container } = await one.web()
    const before = await holdings(one.instance)
    const second = await another('two')
    await second.up()
    expect(second.output()).toContain('/setup#token=')
    const two = own(second)
    await two.host()
    expect(await two.rest('GET', '/containers')).toMatchObject({ status: 200, body: { total: 0 } })
    const theirs = await two.web()
    expect((await two.rest('DELETE', `/hosts/${await two.host()}`)).status).toBe(409)
    // Of the session, and of the browser as one that is known.
    for (const [owner, { id }] of [[one, one.instance] as const, [two, second] as const]) {
      expect(await owner.cookieNames()).toEqual([expect.stringContaining(id), expect.stringContaining(id)])
    }
    expect((await two.rest('DELETE', `/containers/${theirs.container.id}?force=true`)).status).toBe(200)
    expect(await page(port)).toContain('It runs.')
    expect((await ask(second, await one.key(), 'GET', '/containers')).status).toBe(401)
    expect(await second.interrupt()).toBe(0)
    expect(await holdings(second)).toEqual([])
    expect(await holdings(one.instance)).toEqual(before)
    expect(before.join('\n')).toMatch(/^firewall rule .*--dport/m)
    expect(await page(port)).toContain('It runs.')
    expect((await one.rest<Container>('GET', `/containers/${container.id}`)).body.state).toBe('running')
  }, 120_000)
}

it('has another agent join by npm run agent, whose token nobody reads in ps, with the starter image, until it is removed', async () => {
  const { url } = one.instance
  const { body } = await one.rest<{ token: string; command: string }>('POST', '/hosts/join-tokens', {})
  const [, token = '', ...words] = /^FLOTILLA_JOIN_TOKEN=(\S+) npm run agent -- (join) (\S+)$/.exec(body.command) ?? []
  expect([token, words]).toEqual([body.token, ['join', url]])
  const three = await another('three')
  three.startAgent([...words, '--token', '-'], `${token}\n`)
  const says = (sentence: string) => expect.poll(() => three.output(), { timeout: 60_000 }).toContain(sentence)
  await says(`This host belongs to ${url}`)
  expect(await commandLines()).toContain(`join\0${url}`)
  expect(await commandLines()).not.toContain(token)
  const joined = async () =>
    (
      await one.rest<{ id: string; transport: string; state: string; engines: { id: string }[] }[]>('GET', '/hosts')
    ).body.find(({ transport }) => transport === 'websocket')
  await expect.poll(async () => (await joined())?.state, { timeout: 20_000 }).toBe('connected')
  const { id, engines } = (await joined()) ?? {}
  // Whatever else this machine runs.
  expect(engines?.map((engine) => engine.id)).toEqual(['oci'])
  const images = await one.rest<{ items: { references: string[] }[] }>('GET', `/images?hostId=${id}`)
  expect(images.body.items.map(({ references }) => references)).toEqual([['flotilla.local/starter:latest']])
  expect((await one.rest('DELETE', `/hosts/${id}`)).status).toBe(200)
  await says('This host was removed from its platform.')
  expect(await three.interrupt()).toBe(0)
}, 120_000)

it('is stopped by Ctrl-C alone, and finds its container when it is started again', async () => {
  const { instance } = one
  const { port, container } = await one.web()
  expect(await instance.interrupt()).toBe(0)
  await expect(fetch(instance.url)).rejects.toThrow()
  expect(await page(port)).toContain('It runs.')
  const ms = await instance.up()
  process.stdout.write(`second start: ${(ms / 1000).toFixed(1)} s\n`)
  expect(instance.output()).not.toMatch(/Building|Installing|setup#/)
  const found = await one.rest<Container>('GET', `/containers/${container.id}`)
  expect(found.body).toMatchObject({ name: 'hello', state: 'running', startedAt: container.startedAt })
  const again = await instance.npm('up')
  expect([again.exitCode, again.stderr]).toEqual([
    1,
    expect.stringMatching(/data folder \S+ runs already \(process \d+\)/),
  ])
})

it('starts beside a Docker daemon that hangs, with all that stands on this host alone, and takes the daemon in when it answers', async () => {
  const { instance } = one
  const { container } = await one.web()
  const daemon = await makeTestDaemon()
  try {
    expect(await instance.interrupt()).toBe(0)
    daemon.hang()
    await instance.up({ FLOTILLA_ENGINES: 'oci,docker', FLOTILLA_DOCKER_SOCKET: daemon.socketPath })
    const id = await one.host()
    interface Host {
      id: string
      engines: { id: string; state: string; reason?: string }[]
    }
    const engines = async () => {
      const { body } = await one.rest<Host[]>('GET', '/hosts')
      return body.find((host) => host.id === id)?.engines.map(({ id: engine, state }) => `${engine} ${state}`)
    }
    expect(await engines()).toEqual(['oci ready', 'docker unavailable'])
    const restarted = await one.rest<Container>('POST', `/containers/${container.id}/restart`, {})
    expect(restarted).toMatchObject({ status: 200, body: { state: 'running' } })
    daemon.goOn()
    await expect.poll(engines, { timeout: 15_000 }).toEqual(['oci ready', 'docker ready'])
    expect(await instance.interrupt()).toBe(0)
  } finally {
    await daemon.remove()
  }
}, 120_000)

it('takes all its processes along when it is killed, and the next start goes on', async () => {
  const { instance } = one
  const { container } = await one.web()
  const pid = Number((await readFile(join(instance.runDir, 'up.pid'), 'utf8')).split(' ')[0])
  process.kill(pid, 'SIGKILL')
  await instance.ended()
  const programs = async () => {
    const { processes } = await findTraces(instance.dataDir, 'none')
    return [...processes.values()].filter((words) => !/conmon|\/start|httpd/.test(words))
  }
  await expect.poll(programs, { timeout: 15_000 }).toEqual([])
  await instance.up()
  await one.host()
  expect(await one.rest('DELETE', `/containers/${container.id}?force=true`)).toMatchObject({ status: 200 })
  expect(await instance.interrupt()).toBe(0)
}, 120_000)
