import { setTimeout as sleep } from 'node:timers/promises'
import type { EngineEvent } from '@flotilla/protocol'
import { expect } from 'vitest'
import { ends, type Kit, scope, sleeper } from './kit.ts'
import type { Topic } from './topic.ts'

/** Reads events until `last`, from a moment on at which they are known to come. */
export async function during(
  kit: Kit,
  work: () => Promise<void>,
  last: (event: EngineEvent) => boolean,
): Promise<EngineEvent[]> {
  const leave = new AbortController()
  const events: EngineEvent[] = []
  let heard = () => {}
  const first = new Promise<void>((resolve) => (heard = resolve))
  const reading = (async () => {
    for await (const event of kit.engine.events.watch({}, { ...scope, signal: leave.signal })) {
      events.push(event)
      heard()
      if (last(event)) return
    }
  })()
  try {
    // Nothing tells when a watch begins: small things are done until one of them is heard of.
    let isHeard = false
    void first.then(() => (isHeard = true))
    while (!isHeard) {
      await kit.engine.containers.remove({ id: (await kit.create('true')).id }, scope)
      await sleep(20)
    }
    await work()
    await reading
    return events
  } finally {
    leave.abort()
    await reading.catch(() => {}) // told already where it mattered
  }
}

/** What watchers are told, and in which order. */
export const events: Topic = (test) => {
  test('tells of a container’s life in order', ['events.watch'], async (kit) => {
    let id = ''
    const reported = await during(
      kit,
      async () => {
        id = (await kit.create('exit 3')).id
        await kit.engine.containers.start({ id }, scope)
        await kit.engine.containers.wait({ id }, scope)
        await kit.becomes(id, { state: 'exited' })
        await kit.engine.containers.remove({ id }, scope)
      },
      (event) => event.id === id && event.action === 'destroy',
    )
    const own = reported.flatMap((event) => (event.kind === 'container' && event.id === id ? [event] : []))
    const life = own.filter(({ action }) => ['create', 'start', 'die', 'destroy'].includes(action))
    expect(life.map(({ action }) => action)).toEqual(['create', 'start', 'die', 'destroy'])
    expect(life.map(({ row }) => row?.state ?? 'gone')).toEqual(['created', 'running', 'exited', 'gone'])
    expect(life[2]?.row?.exitCode).toBe(3)
    const times = own.map(({ at }) => Date.parse(at))
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })

  test('tells of pauses and kills, and ends when cancelled', ['events.watch', 'containers.pause'], async (kit) => {
    let id = ''
    const reported = await during(
      kit,
      async () => {
        id = (await kit.start(sleeper)).id
        await kit.engine.containers.pause({ id }, scope)
        await kit.engine.containers.unpause({ id }, scope)
        await kit.engine.containers.kill({ id }, scope)
      },
      (event) => event.id === id && event.action === 'die',
    )
    const actions = reported.filter((event) => event.id === id).map(({ action }) => action)
    const wanted = ['pause', 'unpause', 'die']
    expect(actions.filter((action) => wanted.includes(action))).toEqual(wanted)
    await ends((signal) => kit.engine.events.watch({}, { ...scope, signal }))
  })
}
