import { randomBytes } from 'node:crypto'
import { type ExecDown, systemScope } from '@flotilla/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { engineMethodNames } from '../../capabilities.ts'
import { claims, codeOf, collect, specOf, type Subject, type SubjectFactory } from './subject.ts'

const scope = { scope: systemScope }
const sleeper = 'while :; do sleep 0.1; done'

/** A valid input for each method, for the side of the contract that says: what is not claimed answers UNSUPPORTED. */
const plausible: Record<string, unknown> = {
  'containers.list': {},
  'images.list': {},
  'events.watch': {},
  'containers.create': { image: 'x' },
  'images.pull': { reference: 'x' },
  'exec.create': { id: 'x', command: ['x'] },
  'exec.attach': { session: 'x' },
  'exec.remove': { session: 'x' },
}

/** The contract of an engine, both sides of it: what is claimed works, what is not claimed is refused with a reason. */
export function contractSuite(name: string, open: SubjectFactory): void {
  describe(`contract: ${name}`, () => {
    let subject: Subject | undefined
    let reason = ''
    const made = new Set<string>()
    beforeAll(async () => {
      const opened = await open()
      if ('unreachable' in opened) reason = opened.unreachable
      else subject = opened
    })
    afterEach(async () => {
      for (const id of made) await subject?.engine.containers.remove({ id, force: true }, scope)
      made.clear()
    })
    afterAll(() => subject?.cleanup())

    const test = (title: string, methods: string[], body: (subject: Subject, context: TestContext) => Promise<void>) =>
      it(title, async (context) => {
        if (subject === undefined) return context.skip(reason)
        const missing = methods.find((method) => subject !== undefined && !claims(subject, method))
        if (missing !== undefined) return context.skip(`${missing} is not claimed`)
        await body(subject, context)
      })
    const create = async (on: Subject, script: string, more: Parameters<typeof specOf>[2] = {}) => {
      const { container } = await on.engine.containers.create(specOf(on, script, more), scope)
      made.add(container.id)
      return container
    }
    const start = async (on: Subject, script: string, more: Parameters<typeof specOf>[2] = {}) => {
      const { id } = await create(on, script, more)
      return (await on.engine.containers.start({ id }, scope)).container
    }
    const text = async (on: Subject, id: string, stream: 'stdout' | 'stderr' = 'stdout') =>
      (await collect(on.engine.containers.logs({ id }, scope)))
        .flatMap(({ lines }) => lines.filter((line) => line.stream === stream))
        .map((line) => line.text)

    test('refuses what it does not claim, with a reason', [], async (on) => {
      const client = on.engine as unknown as Record<string, Record<string, (...input: unknown[]) => unknown>>
      for (const method of engineMethodNames.filter((one) => !claims(on, one))) {
        const [noun = '', verb = ''] = method.split('.')
        const input = plausible[method] ?? { id: 'x' }
        const rest = method === 'exec.attach' ? [input, (async function* () {})(), scope] : [input, scope]
        const answer = client[noun]?.[verb]?.(...rest)
        const whole = answer instanceof Promise ? answer : collect(answer as AsyncIterable<unknown>)
        expect(`${method} ${await codeOf(whole)}`).toBe(`${method} UNSUPPORTED`)
      }
    })

    test('takes a container through its life, each step twice', ['containers.stop'], async ({ engine, ...rest }) => {
      const on = { engine, ...rest }
      const made = await create(on, sleeper, { labels: { suite: 'contract' } })
      expect(made).toMatchObject({ state: 'created', exitCode: null, labels: { suite: 'contract' } })
      for (const _ of [1, 2]) {
        expect((await engine.containers.start({ id: made.id }, scope)).container.state).toBe('running')
      }
      for (const _ of [1, 2]) {
        expect((await engine.containers.stop({ id: made.id, timeoutSeconds: 0 }, scope)).container.state).toBe('exited')
      }
      expect((await engine.containers.inspect({ id: made.id }, scope)).container.exitCode).toBe(137)
      for (const _ of [1, 2]) await engine.containers.remove({ id: made.id }, scope)
      expect(await codeOf(engine.containers.inspect({ id: made.id }, scope))).toBe('NOT_FOUND')
    })

    test('knows names, ids and prefixes, and refuses a name twice', ['containers.create'], async (on) => {
      const { id } = await create(on, sleeper, { name: `contract-${randomBytes(4).toString('hex')}` })
      const { container } = await on.engine.containers.inspect({ id: id.slice(0, 12) }, scope)
      expect((await on.engine.containers.inspect({ id: container.name }, scope)).container.id).toBe(id)
      const twin = codeOf(on.engine.containers.create(specOf(on, sleeper, { name: container.name }), scope))
      expect(['ALREADY_EXISTS', 'CONFLICT']).toContain(await twin)
      for (const verb of ['start', 'stop', 'inspect'] as const) {
        expect(await codeOf(on.engine.containers[verb]({ id: 'nobody-has-this' }, scope))).toBe('NOT_FOUND')
      }
    })

    test('answers CONFLICT to a prefix of two', ['containers.create'], async (on) => {
      const firsts = new Set<string>()
      for (let count = 0; count < 17; count += 1) {
        const first = (await create(on, sleeper)).id.slice(0, 1)
        if (firsts.has(first)) {
          expect(await codeOf(on.engine.containers.inspect({ id: first }, scope))).toBe('CONFLICT')
          return
        }
        firsts.add(first)
      }
      throw new Error('17 ids had 17 first digits')
    })

    test('makes one container of one operation id', ['containers.create'], async (on) => {
      const once = { ...scope, operationId: `contract-${randomBytes(6).toString('hex')}` }
      const spec = specOf(on, sleeper)
      const answers = await Promise.all([1, 2, 3].map(() => on.engine.containers.create(spec, once)))
      for (const { container } of answers) made.add(container.id)
      expect(new Set(answers.map(({ container }) => container.id)).size).toBe(1)
    })

    test('ends with its exit code, both streams apart', ['containers.wait', 'containers.logs'], async (on) => {
      const { id } = await start(on, 'echo out; echo err >&2; exit 7')
      expect((await on.engine.containers.wait({ id }, scope)).exitCode).toBe(7)
      expect(await text(on, id)).toEqual(['out'])
      expect(await text(on, id, 'stderr')).toEqual(['err'])
    })

    test('takes env, user, folder and host name', ['containers.create'], async (on) => {
      const script = 'echo "$FOO"; id -u; pwd; hostname'
      const more = { env: { FOO: 'b a r' }, user: '1234:1234', workingDir: '/tmp', hostname: 'contract' }
      const { id } = await start(on, script, more)
      await on.engine.containers.wait({ id }, scope)
      expect(await text(on, id)).toEqual(['b a r', '1234', '/tmp', 'contract'])
    })

    test('pauses and goes on', ['containers.pause', 'containers.unpause'], async (on) => {
      const { id } = await start(on, sleeper)
      expect((await on.engine.containers.pause({ id }, scope)).container.state).toBe('paused')
      expect((await on.engine.containers.unpause({ id }, scope)).container.state).toBe('running')
    })

    test('follows the log to the end, and ends it when cancelled', ['containers.logs'], async (on) => {
      const { id } = await start(on, 'echo one; sleep 0.5; echo two; sleep 0.5')
      const all = await collect(on.engine.containers.logs({ id, follow: true }, scope))
      expect(all.flatMap(({ lines }) => lines.map((line) => line.text))).toEqual(['one', 'two'])
      const tail = await collect(on.engine.containers.logs({ id, tail: 1 }, scope))
      expect(tail.flatMap(({ lines }) => lines.map((line) => line.text))).toEqual(['two'])
      const quiet = await start(on, sleeper)
      await ends(on, (signal) => on.engine.containers.logs({ id: quiet.id, follow: true }, { ...scope, signal }))
    })

    test('gives stats and events until cancelled', ['containers.stats', 'events.watch'], async (on) => {
      const { id } = await start(on, sleeper)
      let count = 0
      for await (const sample of on.engine.containers.stats({ id, intervalMs: 250 }, scope)) {
        expect(sample.cpuCores === null).toBe(count === 0)
        count += 1
        if (count === 2) break
      }
      await ends(on, (signal) => on.engine.containers.stats({ id, intervalMs: 60_000 }, { ...scope, signal }))
      await ends(on, (signal) => on.engine.events.watch({}, { ...scope, signal }))
    })

    test('carries a megabyte through exec, byte for byte', ['exec.create', 'exec.attach'], async (on) => {
      const { id } = await start(on, sleeper)
      const session = await on.engine.exec.create({ id, command: ['cat'] }, scope)
      const sent = randomBytes(1024 * 1024)
      const input = (async function* () {
        for (let at = 0; at < sent.length; at += 10_000) yield sent.subarray(at, at + 10_000)
        yield { type: 'stdin-end' as const }
      })()
      const items = await collect(on.engine.exec.attach({ session: session.id }, input, scope))
      const bytes = Buffer.concat(items.filter((item) => item instanceof Uint8Array))
      expect(bytes.equals(sent)).toBe(true)
      expect(exitOf(items)).toBe(0)
    })

    test('lets nobody remove an image that is used', ['images.remove', 'images.inspect'], async (on) => {
      await create(on, sleeper)
      const { image } = await on.engine.images.inspect({ id: on.image }, scope)
      expect((await on.engine.images.list({}, scope)).map((one) => one.id)).toContain(image.id)
      expect(await codeOf(on.engine.images.remove({ id: image.id }, scope))).toBe('CONFLICT')
      expect(await codeOf(on.engine.images.inspect({ id: 'not/there:1' }, scope))).toBe('NOT_FOUND')
    })
  })
}

function exitOf(items: readonly (Uint8Array | ExecDown)[]): number | null | undefined {
  const last = items.at(-1)
  return last instanceof Uint8Array || last?.type !== 'exit' ? undefined : last.exitCode
}

/** A cancelled stream ends for its reader at once, and for its handler soon after. */
async function ends(on: Subject, open: (signal: AbortSignal) => AsyncIterable<unknown>): Promise<void> {
  const before = on.openCalls?.()
  const leave = new AbortController()
  const reading = codeOf(collect(open(leave.signal)))
  await new Promise((resolve) => setTimeout(resolve, 200))
  leave.abort()
  expect(await reading).toBe('CANCELLED')
  if (before !== undefined) await expect.poll(() => on.openCalls?.(), { timeout: 5000 }).toBe(before)
}
