import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { all, errorOf, openLink, until } from './testing/open-link.ts'
import { hashOf, madeBytes } from './testing/service.ts'
import { testMethods } from './testing/table.ts'
import { transports } from '@flotilla/testkit/transports'

describe.each(transports)('$name', (transport) => {
  test('unary: parsed input, defaults, scope and operation id', async () => {
    const { client, link, session } = await openLink(transport)
    expect(await client.echo.say({ text: 'ä🧀' })).toEqual({ text: 'ä🧀' })
    const scope = { actor: 'user:7', permissions: ['containers.read' as const] }
    expect(await client.echo.who({}, { scope, operationId: 'op-1' })).toEqual({ actor: 'user:7', operationId: 'op-1' })
    expect(await client.echo.who({})).toEqual({ actor: '', operationId: '' })
    expect(link.peer).toMatchObject({ version: '1.2.3', name: 'host', protocol: 1 })
    expect(session.peer).toMatchObject({ version: '1.2.4', limits: { longStreams: 1000 } })
  })

  test('unary: what goes wrong has its code', async () => {
    const { client, link } = await openLink(transport)
    const bad = await errorOf(client.echo.say({ text: 1 as unknown as string }))
    expect(bad).toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('text') as string })
    expect(await errorOf(client.echo.absent({}))).toEqual({
      code: 'UNSUPPORTED',
      message: 'This kernel is too old for it.',
    })
    expect(await errorOf(client.echo.missing({}))).toMatchObject({ code: 'UNSUPPORTED' })
    expect(await errorOf(client.echo.lie({}))).toMatchObject({ code: 'INTERNAL' })
    expect((await errorOf(client.echo.crash({}))).message).not.toContain('secret')
    const later = { ...testMethods.echo, brandNew: testMethods.echo.say, toString: testMethods.echo.say }
    const newer = link.client('test', { echo: later })
    expect(await errorOf(newer.echo.brandNew({ text: '' }))).toMatchObject({ code: 'UNSUPPORTED' })
    expect(await errorOf(newer.echo.toString({ text: '' }))).toMatchObject({ code: 'UNSUPPORTED' })
    expect(await errorOf(link.client('podman', testMethods).echo.say({ text: '' }))).toMatchObject({
      code: 'NOT_FOUND',
    })
    expect(await client.echo.say({ text: 'x', unknown: 1 } as { text: string })).toEqual({ text: 'x' })
  })

  test('unary: too large and too deep', async () => {
    const { client } = await openLink(transport)
    const large = 'x'.repeat(4 * 1024 * 1024)
    expect(await errorOf(client.echo.say({ text: large }))).toMatchObject({ code: 'RESOURCE_EXHAUSTED' })
    expect(await errorOf(client.echo.large({ bytes: large.length }))).toMatchObject({ code: 'RESOURCE_EXHAUSTED' })
    expect((await client.echo.large({ bytes: 3_000_000 })).text.length).toBe(3_000_000)
    let deep: unknown = 'bottom'
    for (let level = 0; level < 1000; level++) deep = level % 2 === 0 ? [deep] : { deep }
    expect(await errorOf(client.echo.any({ value: deep }))).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(await client.echo.any({ value: ['['.repeat(500), '\\"['.repeat(90)] })).toEqual({})
  })

  test('stream: items in order, an early end, an error in the middle', async () => {
    const { client, seen } = await openLink(transport)
    const lines = (await all(client.lines.follow({ count: 20_005, batch: 100 }))).flat()
    expect(lines.map(({ number }) => number)).toEqual(Array.from({ length: 20_005 }, (_, at) => at))
    for await (const batch of client.lines.follow({ id: 'left', count: 0 })) if ((batch[0]?.number ?? 0) > 100) break
    await until(() => seen.signals.get('left')?.aborted === true && seen.running === 0)
    const got: number[] = []
    const error = await errorOf(
      (async () => {
        for await (const batch of client.lines.follow({ count: 0, failAt: 50 })) got.push(batch.length)
      })(),
    )
    expect(got).toEqual([10, 10, 10, 10, 10])
    expect(error).toEqual({
      code: 'CONFLICT',
      message: 'Der Name „käse“ ist schon vergeben: 名前は既に使われています 🧀.',
    })
  })

  test('stream: passed on unread, as the text that it came in, with its early end and its error', async () => {
    const { link, seen } = await openLink(transport)
    const lines = link.passage('test', testMethods).lines
    const texts = await all(lines.follow({ count: 205, batch: 100 }))
    expect(texts.every((text) => text instanceof Uint8Array)).toBe(true)
    const numbers = texts.flatMap((text) => JSON.parse(Buffer.from(text).toString()) as { number: number }[])
    expect(numbers.map(({ number }) => number)).toEqual(Array.from({ length: 205 }, (_, at) => at))
    for await (const text of lines.follow({ id: 'passed', count: 0 })) if (text.length > 0) break
    await until(() => seen.signals.get('passed')?.aborted === true && seen.running === 0)
    const error = await errorOf(all(lines.follow({ count: 0, failAt: 50 })))
    expect(error).toMatchObject({ code: 'CONFLICT' })
  })

  test('duplex: bytes and messages both ways, half-close, exit code', async () => {
    const { client } = await openLink(transport)
    async function* typed() {
      yield Buffer.from('hello')
      await sleep(5)
      yield { resize: 80 }
      yield Buffer.from('wörld')
    }
    const answers = await all(client.terminal.open({}, typed()))
    const bytes = Buffer.concat(answers.filter((answer) => answer instanceof Uint8Array)).toString()
    expect(bytes).toBe('hellowörld')
    expect(answers.filter((answer) => !(answer instanceof Uint8Array))).toEqual([{ resized: 80 }, { exitCode: 11 }])
  })

  test('duplex: a message that is not valid ends it', async () => {
    const { client } = await openLink(transport)
    async function* typed() {
      yield { resize: 'wide' as unknown as number }
      await new Promise(() => {})
    }
    expect(await errorOf(all(client.terminal.open({}, typed())))).toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  test('upload and download: byte for byte; an upload refused midway', async () => {
    const { client } = await openLink(transport)
    const size = 8_000_001
    const sum = hashOf(madeBytes(size, 3))
    const upload = await client.files.put({}, bodyOf(size, 3))
    expect(upload).toEqual({ bytes: size, sha256: sum })
    expect(hashOf(await all(client.files.get({ bytes: size, seed: 3 })))).toBe(sum)
    let sent = 0
    let ended = false
    async function* endless() {
      try {
        for (;;) {
          yield Buffer.alloc(65_536)
          sent += 65_536
          await new Promise((resolve) => setImmediate(resolve))
        }
      } finally {
        ended = true
      }
    }
    const refusal = await errorOf(client.files.put({ refuseAfter: 1_000_000 }, endless()))
    expect(refusal).toEqual({ code: 'RESOURCE_EXHAUSTED', message: 'The disk is full.' })
    await until(() => ended)
    expect(sent).toBeLessThan(8_000_000)
    expect(await client.echo.say({ text: 'still there' })).toEqual({ text: 'still there' })
  })

  test('upload: a body that throws cancels it, and the handler never takes it for whole', async () => {
    const { client, seen } = await openLink(transport)
    async function* broken() {
      yield Buffer.from('first half')
      await until(() => seen.bytesUp > 0)
      throw new Error('the file went away')
    }
    await expect(client.files.put({ id: 'broken' }, broken())).rejects.toThrow('the file went away')
    await until(() => seen.signals.get('broken')?.aborted === true)
  })
})

async function* bodyOf(bytes: number, seed: number): AsyncGenerator<Uint8Array> {
  for (const chunk of madeBytes(bytes, seed)) yield await Promise.resolve(chunk)
}
