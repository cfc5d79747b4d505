import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { engineMethod, engineMethodNames } from '@flotilla/engine'
import { inputs, invoke } from './calls.ts'
import { codeOf, collect, ends, scope, sleeper } from './kit.ts'
import type { Topic } from './topic.ts'

/** What a method answers where nothing has the id, the session or the reference. */
const answers: Readonly<Record<string, string>> = {
  'containers.remove': 'no error',
  'exec.remove': 'no error',
  'networks.remove': 'no error',
  'volumes.remove': 'no error',
}
/** Asked of nothing in particular. */
const isOfNothing = (name: string) => {
  const input = inputs[name]
  return input !== undefined && !('id' in input) && !('session' in input)
}

/** Nothing is typed, and what is uploaded has no bytes. */
const bodyOf = (name: string) => (name === 'exec.attach' ? silence() : undefined)

async function* silence(): AsyncGenerator<Uint8Array> {
  await new Promise<void>(() => {})
}

/** Each method once with an error, and each stream left in its middle: what a way to the engine must carry besides success. */
export const way: Topic = (test) => {
  test('says what is not there, whichever method asks', ['containers.create'], async (kit) => {
    const nobody = { id: randomBytes(32).toString('hex'), session: 'not-there' }
    for (const name of engineMethodNames.filter((one) => kit.claims(one) && !isOfNothing(one))) {
      const answer = invoke(kit, name, { ...(inputs[name] ?? {}), ...nobody }, { body: bodyOf(name) })
      const code = await codeOf(answer instanceof Promise ? answer : collect(answer as AsyncIterable<unknown>))
      expect([name, code]).toEqual([name, answers[name] ?? 'NOT_FOUND'])
    }
    expect(await codeOf(kit.create('true', { image: 'not/there:1' }))).toBe('NOT_FOUND')
    expect(await codeOf(kit.engine.images.pull({ reference: 'NOT a reference' }, scope))).toBe('INVALID_ARGUMENT')
  })

  test(
    'ends each stream for whoever leaves it',
    ['exec.attach', 'containers.logs', 'containers.stats'],
    async (kit) => {
      const { id } = await kit.start(sleeper)
      const session = (await kit.engine.exec.create({ id, command: ['cat'] }, scope)).id
      const inputs: Record<string, object> = {
        'containers.logs': { id, follow: true },
        'containers.stats': { id, intervalMs: 60_000 },
        'exec.attach': { session },
        'events.watch': {},
      }
      const isStream = (name: string) => ['stream', 'duplex'].includes(engineMethod(name)?.kind ?? '')
      const streams = engineMethodNames.filter(isStream)
      expect(Object.keys(inputs).sort()).toEqual([...streams].sort())
      for (const [name, input] of Object.entries(inputs)) {
        if (kit.claims(name))
          await ends((signal) => invoke(kit, name, input, { body: bodyOf(name), signal }) as AsyncIterable<unknown>)
      }
      expect((await kit.inspect(id)).state).toBe('running')
    },
  )
}
