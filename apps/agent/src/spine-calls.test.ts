import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSpineCalls, type RecordedCalls } from '@flotilla/testkit/frozen'
import { createFakeEngine } from '@flotilla/testkit'
import { createLogger } from '@flotilla/log'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createAgent } from './agent.ts'
import { listen } from './listener.ts'
import { kindOf } from './testing/exchange.ts'
import { type Replayed, replayCalls } from './testing/replay-calls.ts'
import { misfits, shapeOf } from './testing/shape.ts'

let recorded: RecordedCalls
let calls: Replayed[]
const ends: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  recorded = await readSpineCalls()
  const folder = await mkdtemp(join(tmpdir(), 'fsc-'))
  ends.push(() => rm(folder, { recursive: true, force: true }))
  const { containers, layerMs } = recorded
  const log = createLogger('test', 'silent')
  const engines = [createFakeEngine({ containers, layerMs })]
  const agent = await createAgent({ engines, dataDir: folder, version: 'test', log, reserveBytes: 0 })
  ends.push(() => agent.close())
  await agent.recover()
  const path = join(folder, 'agent.sock')
  const serve = { find: (name: string) => agent.find(name), hello: { version: 'test', name: 'host' } }
  ends.push(await listen({ path, serve, log }))
  calls = await replayCalls(recorded, path)
}, 60_000)

afterAll(async () => {
  for (const end of ends.reverse()) await end()
})

/** All answers at one path, of all its calls: a field that only some have is known to be optional so. */
function framesAt(path: string, when: 'then' | 'now'): Map<string, unknown[]> {
  const frames = calls.filter((call) => call.path === path).flatMap((call) => call[when].frames)
  const byKind = new Map<string, unknown[]>()
  for (const frame of frames) byKind.set(kindOf(frame), [...(byKind.get(kindOf(frame)) ?? []), frame])
  return byKind
}

describe("today's agent, called as the spine's control plane calls it", () => {
  test('has been called of all that there was', () => {
    const missing = Object.keys(recorded.accepts).filter((path) => !calls.some((call) => call.path === path))
    // Whoever waits, and the engine's own events, which the agent's watch has in it, were reached by no call.
    expect(missing).toEqual(['/fake/containers.wait', '/fake/events.watch'])
  })

  test('ends each call as it was ended then', () => {
    for (const { step, path, then, now, left } of calls) {
      // What an engine could not do then it may be able to do now.
      const allowed = [then.code, ...(left ? ['OK', 'CANCELLED'] : []), ...(then.code === 'UNSUPPORTED' ? ['OK'] : [])]
      expect(allowed, `${step}: ${path}`).toContain(now.code)
    }
  })

  test('answers with all the fields that it had then, in the same types', () => {
    const found = [...new Set(calls.map(({ path }) => path))].flatMap((path) => {
      const now = framesAt(path, 'now')
      return [...framesAt(path, 'then')].flatMap(([kind, frames]) =>
        misfits(shapeOf(frames), shapeOf(now.get(kind) ?? []), `${path} ${kind}`.trim()),
      )
    })
    // What is supported needs no reason why it is not: whoever asked then knew both.
    const noLonger = /\.capabilities\.[\w.]+\.reason is not there$/
    expect(found.filter((misfit) => !noLonger.test(misfit))).toEqual([])
  })

  test('answers nothing that the control plane of then refuses', () => {
    for (const [path, schema] of Object.entries(recorded.accepts)) {
      const accepted = z.fromJSONSchema(schema)
      const frames = calls.filter((call) => call.path === path).flatMap(({ now }) => now.frames)
      for (const frame of frames) {
        if (frame !== 'bytes') expect({ path, error: accepted.safeParse(frame).error?.message }).toEqual({ path })
      }
    }
  })
})
