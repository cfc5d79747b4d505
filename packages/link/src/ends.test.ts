import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { connect } from './connect.ts'
import { createIdentity, type Identity } from './identity.ts'
import { serve } from './serve.ts'
import { all, errorOf, openLink, until } from './testing/open-link.ts'
import { transports } from '@flotilla/testkit/transports'
import { secure } from './tls.ts'

describe.each(transports)('$name', (transport) => {
  test('deadline: both sides end, whether the handler listens or not', async () => {
    const { client, seen } = await openLink(transport)
    // Long enough that the call has arrived before it is over.
    expect(await errorOf(client.echo.wait({ id: 'slow' }, { timeoutMs: 1000 }))).toMatchObject({ code: 'TIMEOUT' })
    expect(await errorOf(all(client.lines.deaf({}, { timeoutMs: 150 })))).toMatchObject({ code: 'TIMEOUT' })
    await until(() => seen.signals.get('slow')?.aborted === true)
  })

  test('unary calls have a deadline where nobody says one', async () => {
    const { client } = await openLink(transport, { unaryMs: 100 })
    expect(await errorOf(client.echo.wait({ id: '' }))).toMatchObject({ code: 'TIMEOUT' })
  })

  test('cancel reaches the signal: of a call, of a stalled stream, of a terminal', async () => {
    const { client, seen } = await openLink(transport)
    const controller = new AbortController()
    const { signal } = controller
    async function* silent(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('x')
      await new Promise(() => {})
    }
    const call = errorOf(client.echo.wait({ id: 'call' }, { signal }))
    const stream = client.lines.follow({ id: 'stalled', batch: 100 }, { signal })[Symbol.asyncIterator]()
    await stream.next()
    const terminal = client.terminal.open({ id: 'terminal' }, silent(), { signal })[Symbol.asyncIterator]()
    await terminal.next()
    await until(() => (seen.lines.get('stalled') ?? 0) > 1000)
    await sleep(100) // the window is full by now
    controller.abort()
    expect(await call).toMatchObject({ code: 'CANCELLED' })
    expect(await errorOf(terminal.next())).toMatchObject({ code: 'CANCELLED' })
    await until(() => ['call', 'stalled', 'terminal'].every((id) => seen.signals.get(id)?.aborted === true))
    expect(await errorOf(client.echo.say({ text: '' }, { signal }))).toMatchObject({ code: 'CANCELLED' })
    expect(await client.echo.say({ text: 'next' })).toEqual({ text: 'next' })
  })

  test('a cut link: open calls and later ones answer UNAVAILABLE, and signals abort', async () => {
    const { client, seen, pair, link, session } = await openLink(transport)
    const open = errorOf(client.echo.wait({ id: 'open' }))
    const stream = client.lines.follow({ id: 'lines' })[Symbol.asyncIterator]()
    await stream.next()
    await until(() => seen.signals.has('open'))
    pair.agent.destroy()
    expect(await open).toMatchObject({ code: 'UNAVAILABLE' })
    expect((await link.closed).code).toBe('UNAVAILABLE')
    expect((await session.closed).code).toBe('UNAVAILABLE')
    expect(await errorOf(client.echo.say({ text: '' }))).toMatchObject({ code: 'UNAVAILABLE' })
    await until(() => seen.signals.get('lines')?.aborted === true && seen.running === 0)
  })

  test('protocol versions that do not meet: a sentence that names the side to update', async () => {
    const pair = await transport.open()
    const session = serve(pair.agent, {
      find: () => undefined,
      hello: { version: '9.0', protocol: 9, oldestProtocol: 8 },
    })
    expect(await errorOf(connect(pair.caller, { hello: { version: '1.0', protocol: 1 } }))).toEqual({
      code: 'UNSUPPORTED',
      message: 'The control plane (1.0) speaks protocol 1 and the agent (9.0) 8 to 9. Update the control plane.',
    })
    await session.closed
    await pair.close()
  })

  test('a side that says nothing is given up in time', async () => {
    const pair = await transport.open()
    const limits = { openingMs: 200 }
    expect(await errorOf(connect(pair.caller, { hello: { version: '1' }, limits }))).toMatchObject({ code: 'TIMEOUT' })
    const other = await transport.open()
    const session = serve(other.agent, { find: () => undefined, hello: { version: '1' }, limits })
    expect((await session.closed).code).toBe('TIMEOUT')
    await Promise.all([pair.close(), other.close()])
  })
})

describe.each(transports.filter(({ name }) => ['unix', 'websocket', 'ssh'].includes(name)))(
  'keys over $name',
  (transport) => {
    const known = (identity: Identity) => (fingerprint: string) => fingerprint === identity.fingerprint

    test.each(['agent', 'caller'] as const)(
      "a stranger's key is refused by the %s, and both are told",
      async (refusing) => {
        const [agent, caller, other] = await Promise.all([
          createIdentity('a'),
          createIdentity('c'),
          createIdentity('o'),
        ])
        const pair = await transport.open()
        const sides = await Promise.all([
          errorOf(
            secure(pair.agent, {
              side: 'server',
              identity: agent,
              trust: known(refusing === 'agent' ? other : caller),
              timeoutMs: 3000,
            }),
          ),
          errorOf(
            secure(pair.caller, {
              side: 'client',
              identity: caller,
              trust: known(refusing === 'caller' ? other : agent),
              timeoutMs: 3000,
            }),
          ),
        ])
        expect(sides.map(({ code }) => code)).toEqual(['PERMISSION_DENIED', 'PERMISSION_DENIED'])
        await pair.close()
      },
    )

    test('one who proves nothing is given up in time', async () => {
      const pair = await transport.open()
      const identity = await createIdentity('a')
      const waiting = secure(pair.agent, { side: 'server', identity, trust: () => true, timeoutMs: 200 })
      expect(await errorOf(waiting)).toMatchObject({ code: 'TIMEOUT' })
      await pair.close()
    })
  },
)
