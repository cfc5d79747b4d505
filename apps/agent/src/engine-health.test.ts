import { getEventListeners } from 'node:events'
import { withResolvers } from '@flotilla/async'
import type { Engine } from '@flotilla/engine'
import { createLogger } from '@flotilla/log'
import { createFakeEngine } from '@flotilla/testkit'
import { expect, it, onTestFinished, vi } from 'vitest'
import { EngineHealth } from './engine-health.ts'

const log = createLogger('test', 'silent')
const { signal } = new AbortController()
/** So that a test takes no longer than it has to. */
const times = { askEvery: 10, silentAfter: 100, startWithin: 100, startAgain: 20, longestPause: 40 }
async function* oneLine() {
  yield await Promise.resolve('line')
}
const never = () => new Promise<never>(() => {})

function healthOf(parts: Partial<Engine>) {
  const changes: boolean[] = []
  const engine = { ...createFakeEngine(), ...parts }
  const health = new EngineHealth({ engine, log, times, onChange: (back) => void changes.push(back) })
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  return { health, changes, started: health.start(stop.signal), stop }
}
const stateOf = ({ engine }: EngineHealth) => engine.identity().state

/** What answers until it is held up, and all that was asked meanwhile when it goes on. */
function standIn() {
  let held: ReturnType<typeof withResolvers<void>> | undefined
  return {
    ping: () => held?.promise ?? Promise.resolve(),
    hang: () => void (held = withResolvers<void>()),
    goOn: () => {
      held?.resolve()
      held = undefined
    },
  }
}

it('is unavailable from the first question without an answer on, says since when, and is back with the answer', async () => {
  const behind = standIn()
  const { health, changes, started } = healthOf({ ping: behind.ping })
  await started
  await health.untilReady(signal)
  const before = Math.floor(Date.now() / 1000) * 1000
  behind.hang()
  await expect.poll(() => stateOf(health)).toBe('unavailable')
  const { reason = '' } = health.engine.identity()
  const since = /^.+ is there, but not answering since (\S+) (\S+) UTC\. /i.exec(reason)
  const at = Date.parse(`${since?.[1]}T${since?.[2]}Z`)
  expect([at >= before, at <= Date.now()]).toEqual([true, true])
  await expect(health.untilReady(signal)).rejects.toMatchObject({ code: 'UNAVAILABLE', message: reason })
  expect(changes).toEqual([false, false])
  behind.goOn()
  await expect.poll(() => stateOf(health)).toBe('ready')
  await health.untilReady(signal)
  expect(changes).toEqual([false, false, true])
})

it('keeps nobody waiting for what was asked before it fell silent, and gives every outcome that comes', async () => {
  const behind = standIn()
  const { health, started } = healthOf({ ping: behind.ping })
  await started
  const hanging = health.whileAnswering(never())
  await expect(health.whileAnswering(Promise.resolve('done'))).resolves.toBe('done')
  behind.hang()
  await expect(hanging).rejects.toMatchObject({ kind: 'engine.silent' })
  // What is known without asking it, as the outcome of a change that was made before, is given all the same.
  await expect(health.whileAnswering(Promise.resolve('done'))).resolves.toBe('done')
})

it('is there for what is asked while it is being started, and refuses with the reason what has waited long', async () => {
  const ready = withResolvers<void>()
  const { health, started } = healthOf({ recover: () => ready.promise })
  expect(stateOf(health)).toBe('unavailable')
  await expect(health.untilReady(signal)).rejects.toMatchObject({ kind: 'engine.starting' })
  const waiting = health.untilReady(signal)
  const read = async () => {
    const items: string[] = []
    for await (const item of health.stream(oneLine, signal)) items.push(item)
    return items
  }
  const lines = read()
  ready.resolve()
  await started
  await waiting
  expect(await lines).toEqual(['line'])
  expect(stateOf(health)).toBe('ready')
})

it('says why it could not be started, and is started again until it is', async () => {
  const recover = vi.fn().mockRejectedValueOnce(new Error('disk')).mockRejectedValueOnce(new Error('disk'))
  const { health, started } = healthOf({ recover })
  await expect.poll(() => health.engine.identity().reason).toMatch(/could not be started on the host/)
  await expect(health.untilReady(signal)).rejects.toMatchObject({ kind: 'engine.notStarted' })
  await started
  expect([stateOf(health), recover.mock.calls.length]).toEqual(['ready', 3])
})

it('is not called silent where it refuses, nor back before it has answered', async () => {
  const behind = standIn()
  const refuses = { now: true }
  const ping = () => (refuses.now ? Promise.reject(new Error('not there')) : behind.ping())
  const { health, changes, started } = healthOf({ ping })
  await started
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect([stateOf(health), changes]).toEqual(['ready', [false]])
  refuses.now = false
  behind.hang()
  await expect.poll(() => stateOf(health)).toBe('unavailable')
  refuses.now = true
  behind.goOn()
  await expect.poll(() => stateOf(health)).toBe('ready')
})

it('leaves nothing on the agent, however long it asks and whatever listens to a question', async () => {
  let asked = 0
  const ping = (own: AbortSignal) => {
    asked += 1
    own.addEventListener('abort', () => {})
    return Promise.resolve()
  }
  const { stop } = healthOf({ ping })
  await expect.poll(() => asked).toBeGreaterThan(10)
  expect(getEventListeners(stop.signal, 'abort').length).toBeLessThan(3)
})
