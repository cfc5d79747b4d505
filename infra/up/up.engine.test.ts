import { setTimeout as sleep } from 'node:timers/promises'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run, runOk, spawn } from '@flotilla/host'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { projectFiles } from '../ci/tracked.mjs'
import { instanceOf } from '@flotilla/config/instance'
import { removeControlGroups } from '@flotilla/testkit/lab/control-groups'
import { describeTraces, findTraces } from '@flotilla/testkit/lab/traces'
import { freePort } from '@flotilla/testkit/lab/free-port'

const root = fileURLToPath(new URL('../../', import.meta.url))
const person = { email: 'ada@example.org', password: 'correct horse battery' }

let folder: string
/** The copy of the project, in a folder that only root may enter. */
let clone: string
let one: Instance
let two: Instance
/** An agent alone. */
let three: Instance
let key: string
let container: Container

interface Instance {
  url: string
  port: number
  id: string
  env: Record<string, string>
  up?: Up
}
interface Up {
  child: ChildProcess
  output: () => string
  ended: Promise<unknown>
}
interface Container {
  id: string
  name: string
  state: string
  startedAt: string
}

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'fup-')))
  await chmod(folder, 0o755)
  clone = join(folder, 'closed/flotilla')
  await mkdir(clone, { recursive: true })
  await chmod(dirname(clone), 0o700)
  for (const path of projectFiles(root, [])) {
    await mkdir(dirname(join(clone, path)), { recursive: true })
    await cp(join(root, path), join(clone, path))
  }
  // What `npm ci` makes, without the network; files are shared where both are on one file system.
  const packages = join(root, 'node_modules')
  const isShared = (await stat(packages)).dev === (await stat(clone)).dev
  await runOk(['cp', isShared ? '-al' : '-a', packages, clone], { timeoutMs: 120_000 })
  await rm(join(clone, 'node_modules/.cache'), { recursive: true, force: true })
  ;[one, two, three] = [await instance('one'), await instance('two'), await instance('three')]
  await start(one)
}, 240_000)

afterAll(async () => {
  for (const each of [one, two, three]) each?.up?.child.kill('SIGKILL')
  const left = (await Promise.all([one, two, three].map(takeAway))).flat()
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  expect(left).toEqual([])
}, 120_000)

async function instance(name: string): Promise<Instance> {
  const port = await freePort()
  const dataDir = join(folder, name)
  const settings = {
    FLOTILLA_PORT: String(port),
    FLOTILLA_DATA_DIR: dataDir,
    FLOTILLA_RUN_DIR: join(folder, `r-${name}`),
  }
  const env = { ...(process.env as Record<string, string>), ...settings }
  const id = instanceOf(dataDir)
  return { port, url: `http://127.0.0.1:${port}`, id, env }
}

/** `npm run up` as a terminal starts it: in a process group of its own, until it says that it answers. */
async function start(of: Instance): Promise<number> {
  const started = performance.now()
  const child = spawn(['npm', 'run', 'up'], {
    ...{ cwd: clone, env: of.env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const ended = once(child, 'close')
  of.up = { child, output: () => text, ended }
  const ready = new Promise<void>((resolve) => {
    child.stdout?.on('data', () => {
      if (text.includes('Ctrl-C stops it')) resolve()
    })
  })
  await Promise.race([
    ready,
    ended.then(() => {
      throw new Error(`npm run up ended:\n${text}`)
    }),
  ])
  return performance.now() - started
}

/** Ctrl-C: the terminal sends it to the whole group. */
async function interrupt(of: Instance): Promise<void> {
  const { up } = of
  if (up?.child.pid === undefined) throw new Error('it does not run')
  process.kill(-up.child.pid, 'SIGINT')
  await up.ended
}

async function rest<T>(
  of: Instance,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: T }> {
  const response = await fetch(`${of.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as T }
}

const setUp = (of: Instance, link: string) =>
  fetch(`${of.url}/api/trpc/setup.complete`, {
    method: 'POST',
    headers: { origin: of.url, 'content-type': 'application/json' },
    body: JSON.stringify({ token: new URL(link).hash.replace('#token=', ''), name: 'Ada', ...person }),
  })

/** What every user of this machine can read of its processes. */
async function commandLines(): Promise<string> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')) // it ended meanwhile
  return (await Promise.all(lines)).join('\n')
}

/** The names of the cookies that a sign-in sets. */
async function cookieNames(of: Instance): Promise<string[]> {
  const answer = await fetch(`${of.url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { origin: of.url, 'content-type': 'application/json' },
    body: JSON.stringify(person),
  })
  return answer.headers.getSetCookie().map((cookie) => cookie.split('=')[0] ?? '')
}

/** `npm run admin`, as one types it. */
const admin = (of: Instance, argv: string[], stdin?: string) =>
  run(['npm', 'run', 'admin', '--', ...argv], {
    cwd: clone,
    env: of.env,
    timeoutMs: 60_000,
    ...(stdin === undefined ? {} : { stdin }),
  })

async function connectedHost(of: Instance): Promise<string> {
  let id = ''
  await expect
    .poll(
      async () => {
        const { body } = await rest<{ id: string; state: string }[]>(of, 'GET', '/hosts')
        id = body[0]?.id ?? ''
        return body[0]?.state
      },
      { timeout: 20_000 },
    )
    .toBe('connected')
  return id
}

async function keyOf(of: Instance): Promise<string> {
  const { stdout } = await admin(of, ['key', 'create', '--email', person.email, '--name', 'test'])
  return stdout.toString().trimEnd().split('\n').at(-1) ?? ''
}

/** The page of the container's web server. */
async function page(port: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined)
  return answer === undefined ? 'no answer' : answer.text()
}

async function takeAway(of: Instance | undefined): Promise<string[]> {
  if (of === undefined) return []
  let traces = await findTraces(folder, of.id)
  for (const until = Date.now() + 10_000; Date.now() < until && describeTraces(traces).length > 0; ) {
    await sleep(100)
    traces = await findTraces(folder, of.id)
  }
  const left = describeTraces(traces)
  for (const pid of traces.processes.keys()) await run(['kill', '-KILL', String(pid)])
  for (const path of traces.mounts.toReversed()) await run(['umount', '--lazy', path])
  for (const argv of traces.rules) await run(argv)
  for (const link of traces.links) await run(['ip', 'link', 'delete', link])
  await removeControlGroups(`flotilla-${of.id}`)
  await rm(join('/run/flotilla/subnets', of.id), { force: true })
  return left
}

const containerPort = freePort()

it('answers, and its link makes the first admin once', async () => {
  expect(await (await fetch(`${one.url}/healthz`)).json()).toEqual({ ok: true })
  const home = await fetch(one.url)
  expect([home.status, home.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
  const output = one.up?.output() ?? ''
  expect(output).toContain(`Flotilla answers at ${one.url}\n`)
  const link = /http:\S+\/setup#token=\S+/.exec(output)?.[0] ?? ''
  expect((await setUp(one, link)).status).toBe(200)
  expect((await setUp(one, link)).status).toBe(403)
})

it('runs the starter image with the key that npm run admin prints', async () => {
  key = await keyOf(one)
  expect(key).toMatch(/^flk_[\w-]{43}$/)
  const host = await connectedHost(one)
  const made = await rest<Container>(one, 'POST', `/hosts/${host}/containers`, {
    name: 'hello',
    image: 'flotilla.local/starter:latest',
    ports: [{ containerPort: 80, hostPort: await containerPort, protocol: 'tcp' }],
  })
  expect(made).toMatchObject({ status: 200, body: { state: 'created' } })
  container = (await rest<Container>(one, 'POST', `/containers/${made.body.id}/start`)).body
  expect(container.state).toBe('running')
  await expect.poll(async () => page(await containerPort), { timeout: 10_000 }).toContain('<h1>It runs.</h1>')
})

it('makes people whose passwords come by standard input, and says in a sentence what is wrong', async () => {
  const who = ['--email', 'bob@example.org', '--name', 'Bob']
  const made = await admin(one, ['user', 'create', ...who, '--role', 'viewer'], 'a password of his own\n')
  expect(made).toMatchObject({ exitCode: 0 })
  const away = await admin(two, ['token', 'create'])
  expect(away.exitCode).toBe(1)
  expect(away.stderr).toMatch(/Flotilla with the data folder \S+ does not run\. Start it first/)
})

/** What the instance has for its containers; its programs, and the networks that it prepares for later ones, come and go. */
async function holdings(of: Instance): Promise<string[]> {
  const traces = await findTraces(of.env['FLOTILLA_DATA_DIR'] ?? '', of.id)
  const prepared = /spare-|^link |^firewall rule (?!.*--dport)/
  return describeTraces({ ...traces, processes: new Map() })
    .filter((line) => !prepared.test(line))
    .sort()
}

it('stands beside a second one with containers of its own, which ends without touching it', async () => {
  const before = await holdings(one)
  await start(two)
  expect(two.up?.output()).toContain('/setup#token=')
  const owner = ['user', 'create', '--email', person.email, '--name', 'Ada', '--role', 'owner']
  expect(await admin(two, owner, `${person.password}\n`)).toMatchObject({ exitCode: 0 })
  const first = key
  key = await keyOf(two)
  const host = await connectedHost(two)
  expect(await rest(two, 'GET', '/containers')).toMatchObject({ status: 200, body: { total: 0 } })
  const port = await freePort()
  const second = await rest<Container>(two, 'POST', `/hosts/${host}/containers`, {
    ...{ name: 'hello', image: 'flotilla.local/starter:latest', start: true },
    ports: [{ containerPort: 80, hostPort: port, protocol: 'tcp' }],
  })
  expect(second).toMatchObject({ status: 200, body: { state: 'running' } })
  await expect.poll(() => page(port), { timeout: 10_000 }).toContain('It runs.')
  expect((await rest(two, 'DELETE', `/hosts/${host}`)).status).toBe(409)
  expect(await cookieNames(one)).toEqual([expect.stringContaining(one.id)])
  expect(await cookieNames(two)).toEqual([expect.stringContaining(two.id)])
  expect((await rest(two, 'DELETE', `/containers/${second.body.id}?force=true`)).status).toBe(200)
  expect(await page(await containerPort)).toContain('It runs.')
  key = first
  expect((await rest(two, 'GET', '/containers')).status).toBe(401)
  await interrupt(two)
  expect(two.up?.child.exitCode).toBe(0)
  expect(await holdings(two)).toEqual([])
  expect(await holdings(one)).toEqual(before)
  expect(before.join('\n')).toMatch(/^firewall rule .*--dport/m)
  expect(await page(await containerPort)).toContain('It runs.')
  expect((await rest<Container>(one, 'GET', `/containers/${container.id}`)).body.state).toBe('running')
}, 120_000)

it('has another agent join by npm run agent, whose token nobody reads in ps, with the starter image, until it is removed', async () => {
  const { body } = await rest<{ token: string; command: string }>(one, 'POST', '/hosts/join-tokens', {})
  const [, token = '', ...words] = /^FLOTILLA_JOIN_TOKEN=(\S+) npm run agent -- (join) (\S+)$/.exec(body.command) ?? []
  expect([token, words]).toEqual([body.token, ['join', one.url]])
  const { env } = three
  const child = spawn(['npm', 'run', 'agent', '--', ...words, '--token', '-'], {
    ...{ cwd: clone, env, detached: true, stdio: ['pipe', 'pipe', 'inherit'] },
  })
  child.stdin?.end(`${token}\n`)
  let text = ''
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const ended = once(child, 'close')
  three.up = { child, output: () => text, ended }
  const says = (sentence: string) => expect.poll(() => text, { timeout: 60_000 }).toContain(sentence)
  await says(`This host belongs to ${one.url}`)
  expect(await commandLines()).toContain(`join\0${one.url}`)
  expect(await commandLines()).not.toContain(token)
  const joined = async () =>
    (await rest<{ id: string; transport: string; state: string }[]>(one, 'GET', '/hosts')).body.find(
      ({ transport }) => transport === 'websocket',
    )
  await expect.poll(async () => (await joined())?.state, { timeout: 20_000 }).toBe('connected')
  const id = (await joined())?.id
  const images = await rest<{ items: { references: string[] }[] }>(one, 'GET', `/images?hostId=${id}`)
  expect(images.body.items.map(({ references }) => references)).toEqual([['flotilla.local/starter:latest']])
  expect((await rest(one, 'DELETE', `/hosts/${id}`)).status).toBe(200)
  await says('This host was removed from its platform.')
  await interrupt(three)
  expect(child.exitCode).toBe(0)
}, 120_000)

it('is stopped by Ctrl-C alone, and finds its container when it is started again', async () => {
  await interrupt(one)
  expect(one.up?.child.exitCode).toBe(0)
  await expect(fetch(one.url)).rejects.toThrow()
  expect(await page(await containerPort)).toContain('It runs.')
  const ms = await start(one)
  process.stdout.write(`second start: ${(ms / 1000).toFixed(1)} s\n`)
  expect(one.up?.output()).not.toMatch(/Building|Installing|setup#/)
  const found = await rest<Container>(one, 'GET', `/containers/${container.id}`)
  expect(found.body).toMatchObject({ name: 'hello', state: 'running', startedAt: container.startedAt })
  const again = await run(['npm', 'run', 'up'], { cwd: clone, env: one.env, timeoutMs: 60_000 })
  expect([again.exitCode, again.stderr]).toEqual([
    1,
    expect.stringMatching(/data folder \S+ runs already \(process \d+\)/),
  ])
})

it('takes all its processes along when it is killed, and the next start goes on', async () => {
  const pid = Number((await readFile(join(folder, 'r-one/up.pid'), 'utf8')).split(' ')[0])
  process.kill(pid, 'SIGKILL')
  await one.up?.ended
  const programs = async () => {
    const { processes } = await findTraces(join(folder, 'one'), 'none')
    return [...processes.values()].filter((words) => !/conmon|\/start|httpd/.test(words))
  }
  await expect.poll(programs, { timeout: 15_000 }).toEqual([])
  await start(one)
  await connectedHost(one)
  expect(await rest(one, 'DELETE', `/containers/${container.id}?force=true`)).toMatchObject({ status: 200 })
  await interrupt(one)
}, 120_000)
