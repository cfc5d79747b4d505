import { setTimeout as sleep } from 'node:timers/promises'
import { createHash, randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { once } from 'node:events'
import { readFile, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { spawn } from '@flotilla/host'
import { type ExecDown, type ExecUp, toFlotillaError } from '@flotilla/protocol'
import { builtProgram } from '@flotilla/testkit/built-child'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { makePlace, type Opened, openEngine, type Place, removeAll, testImage } from '../testing/engine-fixture.ts'

let place: Place
let on: Opened
let container = ''

beforeAll(async () => {
  place = await makePlace()
})
beforeEach(async () => {
  on = await openEngine(place)
  const spec = { image: testImage, network: 'none' as const, command: ['/bin/sh', '-c', 'while :; do sleep 1; done'] }
  container = (await on.client.containers.create(spec)).container.id
  await on.client.containers.start({ id: container })
})
afterEach(async () => {
  await removeAll(on)
  await on.close()
})
afterAll(() => place.remove())

/** One attach, typed into and read from as a terminal does. */
class Terminal {
  text = ''
  exit: number | null | undefined
  readonly #queue: (Uint8Array | ExecUp)[] = []
  readonly #leave = new AbortController()
  readonly #done: Promise<void>
  #wake = () => {}

  constructor(opened: Opened, session: string, replay = true) {
    const queue = this.#queue
    const waitForMore = () =>
      new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    const input = (async function* () {
      for (;;) {
        const next = queue.shift()
        if (next === undefined) await waitForMore()
        else yield next
      }
    })()
    const options = { signal: this.#leave.signal, timeoutMs: 0 }
    const output = opened.client.exec.attach({ session, replay }, input, options)
    this.#done = this.#read(output).catch(() => {}) // leaving is how it ends
  }

  async #read(output: AsyncIterable<Uint8Array | ExecDown>): Promise<void> {
    for await (const item of output) {
      if (item instanceof Uint8Array) this.text += Buffer.from(item).toString()
      else if (item.type === 'exit') this.exit = item.exitCode
    }
  }

  send(item: string | ExecUp): void {
    this.#queue.push(typeof item === 'string' ? Buffer.from(item) : item)
    this.#wake()
  }

  async until(pattern: RegExp): Promise<string> {
    await expect.poll(() => pattern.test(this.text), { timeout: 5000, interval: 5 }).toBe(true)
    return pattern.exec(this.text)?.[1] ?? ''
  }

  async leave(): Promise<void> {
    this.#leave.abort()
    await this.#done
  }
}

const shell = async () => (await on.client.exec.create({ id: container, command: ['/bin/sh'], tty: true })).id

it('comes back to the same shell after a reload and after the agent was killed', async () => {
  const session = await shell()
  const first = new Terminal(on, session)
  first.send('echo pid=$$\n')
  const pid = await first.until(/pid=(\d+)\r/)
  await first.leave()
  const second = new Terminal(on, session)
  await second.until(new RegExp(`pid=${pid}\r`)) // replayed
  second.send('echo again=$$\n')
  expect(await second.until(/again=(\d+)\r/)).toBe(pid)
  await second.leave()

  await on.close()
  const child = fileURLToPath(new URL('../testing/agent-child.ts', import.meta.url))
  const agent = spawn([process.execPath, await builtProgram(child), JSON.stringify(place)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (agent.stdout !== null) await once(agent.stdout, 'data')
  agent.kill('SIGKILL')
  await once(agent, 'exit')
  on = await openEngine(place)
  expect(await on.client.exec.list({ id: container })).toMatchObject([{ id: session, state: 'running', tty: true }])
  const third = new Terminal(on, session, false)
  third.send('echo last=$$\n')
  expect(await third.until(/last=(\d+)\r/)).toBe(pid)
  third.send('exit 12\n')
  await expect.poll(() => third.exit, { timeout: 5000 }).toBe(12)
  expect(await on.client.exec.list({ id: container })).toMatchObject([{ id: session, state: 'exited', exitCode: 12 }])
})

it('types, interrupts, resizes and speaks UTF-8', async () => {
  const { id: session } = await on.client.exec.create({
    ...{ id: container, command: ['/bin/sh'], tty: true, columns: 101, rows: 33 },
  })
  const terminal = new Terminal(on, session)
  terminal.send('stty size\n')
  await terminal.until(/33 101/)
  terminal.send({ type: 'resize', columns: 140, rows: 50 })
  terminal.send('while [ "$(stty size)" != "50 140" ]; do sleep 0.05; done; stty size; echo grüße-€\n')
  await terminal.until(/50 140[\s\S]*\ngrüße-€\r/)
  terminal.send('echo sl""eeping; sleep 60\n')
  await terminal.until(/sleeping\r/)
  terminal.send('\x03')
  terminal.send('echo interrupted=$?\n')
  expect(await terminal.until(/interrupted=(\d+)\r/)).toBe('130')
  await terminal.leave()
})

it('echoes each of a hundred keys', async () => {
  const terminal = new Terminal(on, await shell())
  // What is typed before the prompt is echoed by the terminal, and once more by the shell.
  terminal.send('echo op""en\n')
  await terminal.until(/open\r\n[^\n]*# /)
  const echoes = () => terminal.text.split('y').length - 1
  const before = echoes()
  for (let count = 1; count <= 100; count += 1) {
    terminal.send('y')
    while (echoes() - before < count) await new Promise((resolve) => setImmediate(resolve))
    if (count % 60 === 0) terminal.send('\x15') // a line that is longer than the terminal is drawn again
  }
  terminal.send('\x15echo don""e\n')
  await terminal.until(/done\r/)
  expect(echoes() - before).toBe(100)
  await terminal.leave()
})

it('opens and answers', async () => {
  const terminal = new Terminal(on, await shell())
  terminal.send('echo op""en\n')
  await terminal.until(/open\r/)
  expect(terminal.text).toContain('open')
  await terminal.leave()
})

it('carries many megabytes out to a slow reader, whole, over rotations', async () => {
  await removeAll(on)
  await on.close()
  on = await openEngine(place, { logLimits: { maxBytes: 1024 * 1024, maxFiles: 2 } })
  const spec = { image: testImage, network: 'none' as const, command: ['/bin/sh', '-c', 'sleep 100'] }
  container = (await on.client.containers.create(spec)).container.id
  await on.client.containers.start({ id: container })
  const script = 'i=0; while [ $i -lt 40 ]; do seq 1 20000; i=$((i+1)); sleep 0.02; done; echo to-err >&2; exit 4'
  const { id: session } = await on.client.exec.create({ id: container, command: ['/bin/sh', '-c', script] })
  let bytes = 0
  let channel = 'stdout'
  let errors = ''
  const down: ExecDown[] = []
  const nothing = (async function* () {})()
  for await (const item of on.client.exec.attach({ session }, nothing)) {
    if (!(item instanceof Uint8Array)) {
      down.push(item)
      if (item.type === 'channel') channel = item.channel
    } else if (channel === 'stdout') {
      if (bytes === 0) await sleep(2000) // stalls while it is rotated
      bytes += item.length
    } else errors += Buffer.from(item).toString()
  }
  const once_ = Array.from({ length: 20_000 }, (_, index) => `${index + 1}\n`).join('').length
  expect(bytes).toBe(once_ * 40)
  expect(errors).toBe('to-err\n')
  expect(down.at(-1)).toEqual({ type: 'exit', exitCode: 4 })
  expect(down.find(({ type }) => type === 'live')).toEqual({ type: 'live', lostBytes: 0 })
}, 30_000)

it('takes input of every kind of byte both ways at once, and its end', async () => {
  const sent = randomBytes(3 * 1024 * 1024)
  const { id: session } = await on.client.exec.create({ id: container, command: ['cat'] })
  const input = (async function* () {
    for (let at = 0; at < sent.length; at += 50_000) yield sent.subarray(at, at + 50_000)
    yield { type: 'stdin-end' as const }
  })()
  const parts: Uint8Array[] = []
  for await (const item of on.client.exec.attach({ session }, input)) if (item instanceof Uint8Array) parts.push(item)
  expect(Buffer.concat(parts).equals(sent)).toBe(true)
})

it('brings a paste of 1.7 MB to a program that does not read at first, whole, and tells how much was taken', async () => {
  const paste = Buffer.from(Array.from({ length: 17_000 }, (_, at) => `${String(at).padStart(99, '.')}\n`).join(''))
  const script = `stty raw -echo; echo ready; sleep 0.7; head -c ${paste.length} | sha256sum`
  const { id: session } = await on.client.exec.create({ id: container, command: ['/bin/sh', '-c', script], tty: true })
  const counts: (number | null)[] = []
  let text = ''
  const input = (async function* () {
    for (let at = 0; at < paste.length; at += 30_000) yield paste.subarray(at, at + 30_000)
    await new Promise<void>(() => {})
  })()
  const writer = { id: 'the-writer-of-this-test', sent: 0 }
  for await (const item of on.client.exec.attach({ session, writer }, input)) {
    if (item instanceof Uint8Array) text += Buffer.from(item).toString()
    else if (item.type === 'input') counts.push(item.received)
  }
  expect(text).toContain(createHash('sha256').update(paste).digest('hex'))
  expect([counts[0], counts.at(-1)]).toEqual([0, paste.length])
})

it('brings in order and once what a writer types who leaves in the middle of it and comes back', async () => {
  const paste = randomBytes(400_000)
  const script = `stty raw -echo; echo ready; sleep 0.3; head -c ${paste.length} | sha256sum`
  const { id: session } = await on.client.exec.create({ id: container, command: ['/bin/sh', '-c', script], tty: true })
  let sent = 0
  let text = ''
  // Each leaves when so much was received; what it has sent beyond that, the next one is told about.
  for (const enough of [100_000, 250_000, Infinity]) {
    let begin = (_from: number) => {}
    const from = new Promise<number>((resolve) => (begin = resolve))
    const input = (async function* () {
      for (let at = await from; at < paste.length; at += 30_000) {
        sent = Math.max(sent, Math.min(paste.length, at + 30_000))
        yield paste.subarray(at, at + 30_000)
      }
      await new Promise<void>(() => {})
    })()
    for await (const item of on.client.exec.attach({ session, writer: { id: 'one-who-comes-back', sent } }, input)) {
      if (item instanceof Uint8Array) text += Buffer.from(item).toString()
      else if (item.type === 'input') {
        begin(item.received ?? Number.NaN)
        if ((item.received ?? 0) >= enough) break
      }
    }
  }
  expect(text).toContain(createHash('sha256').update(paste).digest('hex'))
})

it('says what is wrong, and ends with its container', async () => {
  const { exec, containers } = on.client
  await expect(exec.create({ id: container, command: ['/no/such'] })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
  })
  await expect(exec.create({ id: container, command: ['id'], user: 'nobody-here' })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
  })
  expect(await exec.list({ id: container })).toEqual([])
  const session = await shell()
  const monitor = Number(await readFile(`${place.runDir}/x/${session}/conmon.pid`, 'utf8'))
  process.kill(monitor, 'SIGKILL')
  await expect
    .poll(async () => (await exec.list({ id: container }))[0], { timeout: 5000 })
    .toMatchObject({
      state: 'exited',
      exitCode: null,
    })
  await exec.remove({ session })
  await exec.remove({ session })
  await shell()
  await containers.stop({ id: container, timeoutSeconds: 0 })
  await expect.poll(async () => (await exec.list({ id: container }))[0]?.state, { timeout: 5000 }).toBe('exited')
  await expect(exec.create({ id: container, command: ['id'] })).rejects.toMatchObject({ code: 'CONFLICT' })
})

it('refuses commands in a container that reaches its host to who may not make such ones', async () => {
  const link = join(place.folder, 'looks-harmless')
  await rm(link, { force: true })
  await symlink('/etc', link)
  const bind = (source: string) => ({ mounts: [{ type: 'bind' as const, source, target: '/lent' }] })
  const asked = { image: testImage, network: 'none' as const, command: ['/bin/sh', '-c', 'while :; do sleep 1; done'] }
  const start = async (more: object) => {
    const { id } = (await on.client.containers.create({ ...asked, ...more })).container
    await on.client.containers.start({ id })
    return id
  }
  const rights = (...permissions: string[]) => ({ scope: { actor: 'somebody', permissions } })
  const operator = rights('containers.exec')
  const admin = rights('containers.exec', 'containers.create.privileged')
  const outcome = async (id: string, options: typeof operator) => {
    const made = on.client.exec.create({ id, command: ['true'] }, options)
    return made.then(
      () => 'made',
      (error: unknown) => toFlotillaError(error).kind,
    )
  }
  const reaching = [{ pidNamespace: 'host' }, { capAdd: ['SYS_ADMIN'] }, bind('/proc'), bind(link), bind(place.runDir)]
  for (const more of reaching) {
    const id = await start(more)
    expect([more, await outcome(id, operator)]).toEqual([more, 'access.reachesHost'])
    expect([more, await outcome(id, admin)]).toEqual([more, 'made'])
    const [session] = await on.client.exec.list({ id })
    const attach = on.client.exec.attach({ session: session?.id ?? '' }, nothing(), operator)
    await expect(attach[Symbol.asyncIterator]().next()).rejects.toMatchObject({ kind: 'access.reachesHost' })
  }
  expect(await outcome(container, operator)).toBe('made')
  expect(await outcome(await start(bind('/srv')), operator)).toBe('made')
})

async function* nothing(): AsyncGenerator<Uint8Array> {
  await new Promise<void>(() => {})
}
