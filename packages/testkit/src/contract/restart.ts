import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { eventually, scope } from './kit.ts'
import type { Topic } from './topic.ts'

const needs = ['containers.create.restart']

/** Restart policies, seen to the end. */
export const restart: Topic = (test) => {
  test('starts what failed again, as often as it was told', needs, async (kit) => {
    const { id } = await kit.start('echo run; exit 3', { restart: { policy: 'on-failure', maximumRetries: 2 } })
    await kit.becomes(id, { state: 'exited', restartCount: 2, exitCode: 3 })
    expect(await kit.printed(id)).toEqual(['run', 'run', 'run'])
    await kit.engine.containers.start({ id }, scope) // a person's start begins anew
    await eventually(async () => expect(await kit.printed(id)).toHaveLength(6))
    await kit.becomes(id, { state: 'exited', restartCount: 2, exitCode: 3 })
    const detail = await kit.engine.containers.inspect({ id }, scope)
    expect(detail.restart).toEqual({ policy: 'on-failure', maximumRetries: 2 })
  })

  test('leaves what succeeded, and what has no policy', needs, async (kit) => {
    const fine = await kit.run('echo run; exit 0', { restart: { policy: 'on-failure', maximumRetries: 5 } })
    const plain = await kit.run('echo run; exit 3')
    // Longer than the delay of a first restart.
    await sleep(400)
    for (const { id } of [fine, plain]) {
      expect(await kit.inspect(id)).toMatchObject({ state: 'exited', restartCount: 0 })
      expect(await kit.printed(id)).toEqual(['run'])
    }
  })

  test('starts again and again until somebody stops it', needs, async (kit) => {
    const { id } = await kit.start('sleep 0.1; exit 0', { restart: { policy: 'always' } })
    await eventually(async () => expect((await kit.inspect(id)).restartCount).toBeGreaterThan(1))
    const { container } = await kit.engine.containers.stop({ id, timeoutSeconds: 0 }, scope)
    expect(container.state).toBe('exited')
    const runs = (await kit.inspect(id)).restartCount
    await sleep(1000)
    expect(await kit.inspect(id)).toMatchObject({ state: 'exited', restartCount: runs })
  })
}
