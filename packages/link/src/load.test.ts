import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { all, errorOf, openLink, until } from './testing/open-link.ts'
import { hashOf, madeBytes } from './testing/service.ts'
import { transports } from '@flotilla/testkit/transports'

const isLong = process.env['FLOTILLA_LONG'] === '1'
/** Many over memory, and at full length over each transport in the long run: what is counted is the session, whatever carries it. */
const isFull = (name: string) => name === 'memory' || isLong

const inEachRun = ['memory', 'websocket', 'ssh']
describe.each(transports.filter(({ name }) => isLong || inEachRun.includes(name)))('$name', (transport) => {
  const few = (full: number) => (isLong ? full : isFull(transport.name) ? full * 0.6 : full / 20)

  test('16 uploads and 16 downloads at once do not wait for each other for ever', { timeout: 30_000 }, async () => {
    const { client } = await openLink(transport)
    const size = isFull(transport.name) ? 2_000_000 : 1_000_000 // many times the windows and what a pipe holds
    const sums = Array.from({ length: 16 }, (_, seed) => hashOf(madeBytes(size, seed)))
    async function* body(seed: number) {
      for (const chunk of madeBytes(size, seed)) yield await Promise.resolve(chunk)
    }
    const ups = sums.map((_, seed) => client.files.put({}, body(seed)))
    const downs = sums.map((_, seed) => all(client.files.get({ bytes: size, seed })))
    expect((await Promise.all(ups)).map(({ sha256 }) => sha256)).toEqual(sums)
    expect((await Promise.all(downs)).map(hashOf)).toEqual(sums)
  })

  // A session that spent a reset on each would end after a thousand.
  const cancels = isFull(transport.name) && !isLong ? 1200 : few(10_000)
  test(`${cancels} cancels on one session`, { timeout: 120_000 }, async () => {
    const { client, seen, link } = await openLink(transport)
    for (let round = 0; round < cancels / 400; round++) {
      await Promise.all(
        Array.from({ length: 400 }, async () => {
          for await (const _ of client.lines.follow({ batch: 1, quiet: true })) break
        }),
      )
      // The streams are gone when their handlers are; only then may as many be opened again.
      await until(() => seen.running === 0, 10_000)
    }
    expect(seen.running).toBe(0)
    expect(await client.echo.say({ text: 'alive' })).toEqual({ text: 'alive' })
    expect(link.peer.version).toBe('1.2.3')
  })

  const terminals = few(2_000)
  test(`${terminals} cancelled terminals on one session: no reset is spent`, { timeout: 30_000 }, async () => {
    const { client, seen } = await openLink(transport)
    async function* typed() {
      yield Buffer.from('x')
      await new Promise(() => {})
    }
    for (let round = 0; round < terminals / 200; round++) {
      await Promise.all(
        Array.from({ length: 200 }, async () => {
          for await (const _ of client.terminal.open({}, typed())) break
        }),
      )
      await until(() => seen.running === 0, 10_000)
    }
    expect(await client.echo.say({ text: 'alive' })).toEqual({ text: 'alive' })
  })

  const calls = few(3_000)
  test(`${calls} calls at once`, { timeout: 30_000 }, async () => {
    const { client } = await openLink(transport)
    const answers = await Promise.all(Array.from({ length: calls }, (_, at) => client.echo.say({ text: String(at) })))
    expect(answers.map(({ text }) => text)).toEqual(Array.from({ length: calls }, (_, at) => String(at)))
  })

  const stalled = few(500)
  test(`${stalled} stalled readers beside calls that are answered, in bounded memory`, {
    timeout: 30_000,
  }, async () => {
    const { client, seen } = await openLink(transport)
    const before = process.memoryUsage().rss
    const readers = Array.from({ length: stalled }, (_, at) =>
      client.lines.follow({ id: `stalled-${at}`, batch: 50 })[Symbol.asyncIterator](),
    )
    await Promise.all(readers.map((reader) => reader.next()))
    const total = () => [...seen.lines.values()].reduce((sum, lines) => sum + lines, 0)
    // Every handler stands still once the windows are full. On a machine that is busy with other things it may seem so before.
    let made = -1
    for (let still = 0, checks = 0; still < 4 && checks < 60; checks++) {
      still = made === total() ? still + 1 : 0
      made = total()
      await sleep(300)
    }
    expect(total()).toBe(made)
    for (let at = 0; at < 20; at++) expect(await client.echo.say({ text: 'quick' })).toEqual({ text: 'quick' })
    // 500 windows of 256 KiB are 125 MiB; both ends' buffers and the lines made meanwhile are in it too.
    expect(process.memoryUsage().rss - before).toBeLessThan(600 * 1024 * 1024)
    for (const reader of readers) await reader.return?.(undefined)
    await until(() => seen.running === 0, 10_000)
  })

  test('more long streams than agreed are refused at once', async () => {
    const { client } = await openLink(transport, { longStreams: 5 })
    const readers = Array.from({ length: 5 }, () => client.lines.follow({})[Symbol.asyncIterator]())
    await Promise.all(readers.map((reader) => reader.next()))
    expect(await errorOf(all(client.lines.follow({ count: 1 })))).toMatchObject({ code: 'RESOURCE_EXHAUSTED' })
    expect(await client.echo.say({ text: 'calls go on' })).toEqual({ text: 'calls go on' })
    for (const reader of readers) await reader.return?.(undefined)
  })
})
