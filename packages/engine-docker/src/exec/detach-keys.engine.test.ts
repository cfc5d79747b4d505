import { type ExecDown, systemScope } from '@flotilla/protocol'
import { makeTestDaemon, type TestDaemon, testImage } from '@flotilla/testkit/docker-daemon'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Opened, openEngine } from '../testing/engine-fixture.ts'

const scope = { scope: systemScope }
let daemon: TestDaemon
let opened: Opened

beforeAll(async () => {
  daemon = await makeTestDaemon()
  opened = await openEngine(daemon.socketPath)
})
afterAll(async () => {
  await opened.engine.close()
  await daemon.remove()
})

/** A terminal that shows what is typed, control characters as a caret and a letter, and does nothing with it. */
async function terminal() {
  const { containers, exec } = opened.client
  const spec = { image: testImage, command: ['sleep', '600'], pull: 'never' as const }
  const { id } = (await containers.create(spec, scope)).container
  await containers.start({ id }, scope)
  const { id: session } = await exec.create({ id, command: ['sleep', '600'], tty: true }, scope)
  const queue: Uint8Array[] = []
  let wake = () => {}
  const typed = (async function* () {
    for (;;) {
      const next = queue.shift()
      if (next !== undefined) yield next
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  })()
  let shown = ''
  let end: ExecDown | undefined
  const leave = new AbortController()
  const read = async () => {
    for await (const item of exec.attach({ session }, typed, { ...scope, signal: leave.signal })) {
      if (item instanceof Uint8Array) shown += Buffer.from(item).toString('latin1')
      else if (item.type === 'exit') end = item
    }
  }
  const done = read().catch(() => {}) // it is left
  return {
    type(text: string) {
      queue.push(Buffer.from(text, 'latin1'))
      wake()
    },
    shows: (text: string) => expect.poll(() => shown, { timeout: 3000 }).toBe(text),
    end: () => end,
    sessions: () => exec.list({ id }, scope),
    async close() {
      leave.abort()
      await done
      await containers.remove({ id, force: true }, scope)
    },
  }
}

it('passes each key on as it is typed, Ctrl-P too, and ends by none of them', async () => {
  const one = await terminal()
  one.type('\x10') // Ctrl-P
  await one.shows('^P')
  one.type('\x10\x11x') // Ctrl-P Ctrl-Q; the terminal itself takes Ctrl-Q for going on
  await one.shows('^P^Px')
  let all = '^P^Px'
  // Those that the terminal acts on itself or shows otherwise are left out: ends of lines, erasing, signals, flow, the next one as it is.
  const acted = new Set('\x00\x03\x04\x09\x0a\x0d\x0f\x11\x12\x13\x15\x16\x17\x1a\x1c\x7f')
  for (let code = 1; code < 32; code += 1) {
    const key = String.fromCharCode(code)
    if (acted.has(key)) continue
    one.type(key)
    all += `^${String.fromCharCode(code + 64)}`
    await one.shows(all)
  }
  expect(one.end()).toBeUndefined()
  expect(await one.sessions()).toMatchObject([{ state: 'running' }])
  await one.close()
})

it('loses nothing of Ctrl-Space, whatever follows it', async () => {
  const one = await terminal()
  one.type('\0')
  one.type('a')
  await one.shows('^@a')
  one.type('\0\0\0b\0')
  one.type('\0')
  one.type('\x1d\0c')
  await one.shows('^@a^@^@^@b^@^@^]^@c')
  expect(await one.sessions()).toMatchObject([{ state: 'running' }])
  await one.close()
})
