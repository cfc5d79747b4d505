import { createHash } from 'node:crypto'
import { systemScope } from '@flotilla/protocol'
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

it('brings a paste of 1.7 MB to a program that does not read at first, whole, and tells how much was taken', async () => {
  const { containers, exec } = opened.client
  const spec = { image: testImage, command: ['sleep', '600'], pull: 'never' as const }
  const { id } = (await containers.create(spec, scope)).container
  await containers.start({ id }, scope)
  const paste = Buffer.from(Array.from({ length: 17_000 }, (_, at) => `${String(at).padStart(99, '.')}\n`).join(''))
  const script = `stty raw -echo; echo ready; sleep 0.7; head -c ${paste.length} | sha256sum`
  const command = ['/bin/sh', '-c', script]
  const { id: session } = await exec.create({ id, command, tty: true }, scope)
  const input = (async function* () {
    for (let at = 0; at < paste.length; at += 30_000) yield paste.subarray(at, at + 30_000)
    await new Promise<void>(() => {})
  })()
  const counts: (number | null)[] = []
  let text = ''
  const writer = { id: 'the-writer-of-this-test', sent: 0 }
  for await (const item of exec.attach({ session, writer }, input, scope)) {
    if (item instanceof Uint8Array) text += Buffer.from(item).toString()
    else if (item.type === 'input') counts.push(item.received)
  }
  expect(text).toContain(createHash('sha256').update(paste).digest('hex'))
  expect([counts[0], counts.at(-1)]).toEqual([0, paste.length])
  await containers.remove({ id, force: true }, scope)
})
