import { setTimeout as sleep } from 'node:timers/promises'
import { type Container, FlotillaError } from '@flotilla/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { capabilities } from '@flotilla/engine'
import { createLocalClient } from '../local-client.ts'
import { createFakeEngine, fakeImage } from './engine.ts'

const engine = createFakeEngine({ absences: { 'containers.pause': 'Not on this one.' } })
const { client } = createLocalClient(engine)
afterEach(async () => {
  for (const { id } of await client.containers.list({})) await client.containers.remove({ id, force: true })
})

async function run(script: string) {
  const { container } = await client.containers.create({ image: fakeImage, command: ['/bin/sh', '-c', script] })
  await client.containers.start({ id: container.id })
  const { exitCode } = await client.containers.wait({ id: container.id })
  const lines: string[] = []
  for await (const batch of client.containers.logs({ id: container.id })) {
    lines.push(...batch.lines.map((line) => `${line.stream}:${line.text}`))
  }
  return { exitCode, lines }
}

describe('the fake engine', () => {
  it('runs a small shell with both streams apart and an exit code', async () => {
    const result = await run('i=0; while [ $i -lt 3 ]; do echo "n$i"; i=$((i+1)); done; echo bad >&2; exit 7')
    expect(result).toEqual({ exitCode: 7, lines: ['stdout:n0', 'stdout:n1', 'stdout:n2', 'stderr:bad'] })
  })

  it('traps TERM, and kills what does not', async () => {
    const make = (script: string) =>
      client.containers.create({ image: fakeImage, command: ['/bin/sh', '-c', script], stopTimeoutSeconds: 1 })
    const polite = (await make("trap 'exit 5' TERM; while :; do sleep 0.05; done")).container.id
    const deaf = (await make('sleep 1000')).container.id
    for (const id of [polite, deaf]) await client.containers.start({ id })
    await sleep(50)
    expect((await client.containers.stop({ id: polite })).container.exitCode).toBe(5)
    expect((await client.containers.stop({ id: deaf, timeoutSeconds: 0 })).container.exitCode).toBe(137)
  })

  it('claims what it has, and refuses the rest with the reason', async () => {
    const claimed = capabilities(engine)
    expect(claimed['containers.start']).toEqual({ available: true })
    expect(claimed['containers.pause']).toEqual({ available: false, reason: 'Not on this one.' })
    await expect(client.containers.pause({ id: 'x' })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: 'Not on this one.',
    })
    const device = { hostPath: '/dev/null', containerPath: '/dev/null' }
    const refused = client.containers.create({ image: fakeImage, devices: [device] })
    await expect(refused).rejects.toBeInstanceOf(FlotillaError)
    await expect(refused).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })

  it('holds many containers', async () => {
    const many = createFakeEngine({ containers: 1000 })
    const local = createLocalClient(many)
    expect(await local.client.containers.list({})).toHaveLength(1000)
    await many.close()
  })

  it('lets containers die and start again by themselves as often as it is told', async () => {
    const restless = createFakeEngine({ containers: 200, changesPerSecond: 500 })
    const local = createLocalClient(restless)
    const seen = { die: 0, start: 0 }
    const begun = performance.now()
    for await (const event of local.client.events.watch({})) {
      if (event.kind !== 'container' || event.row === null) continue
      const { state, finishedAt, startedAt } = event.row as Container
      if (event.action === 'die') {
        seen.die += 1
        expect([state, Date.parse(finishedAt ?? '')]).toEqual(['exited', expect.closeTo(Date.parse(event.at), -2)])
      } else if (event.action === 'start') {
        seen.start += 1
        expect([state, Date.parse(startedAt ?? '')]).toEqual(['running', expect.closeTo(Date.parse(event.at), -2)])
      }
      if (seen.die + seen.start === 250) break
    }
    expect(performance.now() - begun).toBeGreaterThan(400)
    expect(seen.die).toBeGreaterThan(100)
    expect(seen.start).toBeGreaterThan(50)
    await restless.close()
  })
})
