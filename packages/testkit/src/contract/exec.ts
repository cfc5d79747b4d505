import { randomBytes } from 'node:crypto'
import type { Client, EngineMethods, ExecDown, ExecUp } from '@flotilla/protocol'
import { expect } from 'vitest'
import { codeOf, collect, type Kit, scope, sleeper } from './kit.ts'
import type { Topic } from './topic.ts'

type Create = Parameters<Client<EngineMethods>['exec']['create']>[0]
type Item = Uint8Array | ExecDown

const needs = ['exec.create', 'exec.attach']

async function open(kit: Kit, command: string[], more: Partial<Create> = {}): Promise<{ id: string; session: string }> {
  const { id } = await kit.start(sleeper)
  const { id: session } = await kit.engine.exec.create({ id, command, ...more }, scope)
  return { id, session }
}

/** Nothing is typed, and the input stays open until the session ends. */
async function* silence(): AsyncGenerator<Uint8Array | ExecUp> {
  await new Promise<void>(() => {})
}

/** Some things, and then nothing more until the session ends. */
async function* typing(items: readonly (Uint8Array | ExecUp)[]): AsyncGenerator<Uint8Array | ExecUp> {
  yield* items
  yield* silence()
}

/** Reads to the end; `answer` may type in answer to what was printed so far. */
async function talk(kit: Kit, session: string, answer: (printed: string) => (Uint8Array | ExecUp)[] = () => []) {
  const queue: (Uint8Array | ExecUp)[] = []
  let wake = () => {}
  let ended = false
  const typed = (async function* () {
    while (!ended) {
      const next = queue.shift()
      if (next !== undefined) yield next
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  })()
  const items: Item[] = []
  try {
    for await (const item of kit.engine.exec.attach({ session }, typed, scope)) {
      items.push(item)
      queue.push(...answer(printed(items)))
      wake()
    }
  } finally {
    ended = true
    wake()
  }
  return { out: printed(items), err: printed(items, 'stderr'), exitCode: exitOf(items), items }
}

function printed(items: readonly Item[], wanted: 'stdout' | 'stderr' = 'stdout'): string {
  let channel = 'stdout'
  const bytes: Uint8Array[] = []
  for (const item of items) {
    if (item instanceof Uint8Array) {
      if (channel === wanted) bytes.push(item)
    } else if (item.type === 'channel') channel = item.channel
  }
  return Buffer.concat(bytes).toString().replaceAll('\r', '')
}

function exitOf(items: readonly Item[]): number | null | undefined {
  const last = items.at(-1)
  return last === undefined || last instanceof Uint8Array || last.type !== 'exit' ? undefined : last.exitCode
}

/** Types each text once, as soon as what it waits for was printed. */
function dialogue(steps: readonly [after: string, typed: Uint8Array | ExecUp][]) {
  let next = 0
  return (text: string) => {
    const step = steps[next]
    if (step === undefined || !text.includes(step[0])) return []
    next += 1
    return [step[1]]
  }
}

/** Commands and terminals in running containers. */
export const exec: Topic = (test, own) => {
  test('carries a megabyte through, byte for byte', needs, async (kit) => {
    const { session } = await open(kit, ['cat'])
    const sent = randomBytes(1024 * 1024)
    const input = (async function* () {
      for (let at = 0; at < sent.length; at += 10_000) yield sent.subarray(at, at + 10_000)
      yield { type: 'stdin-end' as const }
    })()
    const items = await collect(kit.engine.exec.attach({ session }, input, scope))
    const bytes = Buffer.concat(items.filter((item) => item instanceof Uint8Array))
    expect(bytes.equals(sent)).toBe(true)
    expect(exitOf(items)).toBe(0)
  })

  test('tells each exit code, of a killed command too', needs, async (kit) => {
    const { id } = await kit.start(sleeper)
    const run = async (script: string) => {
      const session = await kit.engine.exec.create({ id, command: ['/bin/sh', '-c', script] }, scope)
      return (await talk(kit, session.id)).exitCode
    }
    expect([await run('true'), await run('exit 7'), await run('kill -9 $$')]).toEqual([0, 7, 137])
    expect((await kit.inspect(id)).state).toBe('running')
  })

  own('keeps both streams apart, with env, user and folder', needs, async (kit) => {
    const script = 'echo "$WORD"; echo bad >&2; id -u; pwd'
    const more = { env: { WORD: 'from outside' }, user: '1234', workingDir: '/tmp' }
    const { session } = await open(kit, ['/bin/sh', '-c', script], more)
    expect(await talk(kit, session)).toMatchObject({ out: 'from outside\n1234\n/tmp\n', err: 'bad\n', exitCode: 0 })
  })

  own('says which part of a command cannot be run, and starts none', needs, async (kit) => {
    const { id } = await kit.start(sleeper)
    const refusal = (input: Partial<Create>) => kit.engine.exec.create({ id, command: ['pwd'], ...input }, scope)
    const invalid = (field: string) => ({ code: 'INVALID_ARGUMENT', field: [field] })
    await expect(refusal({ command: [''] })).rejects.toMatchObject(invalid('command'))
    await expect(refusal({ command: ['', 'pwd'] })).rejects.toMatchObject(invalid('command'))
    await expect(refusal({ workingDir: 'tmp' })).rejects.toMatchObject(invalid('workingDir'))
  })

  test('has a terminal of the wanted size, which can be changed', needs, async (kit) => {
    // Docker before API 1.42 tells the size a moment after the start.
    const sized = 'while [ -z "$(stty size 2>/dev/null)" ]; do sleep 0.05; done'
    const script = `${sized}; stty size; while [ "$(stty size)" != "30 100" ]; do sleep 0.1; done; echo resized`
    const { session } = await open(kit, ['/bin/sh', '-c', script], { tty: true, columns: 91, rows: 17 })
    const resize = { type: 'resize' as const, columns: 100, rows: 30 }
    const { out, exitCode } = await talk(kit, session, dialogue([['17 91', resize]]))
    expect(out).toBe('17 91\nresized\n')
    expect(exitCode).toBe(0)
  })

  test('passes Ctrl-C and every character of a terminal', needs, async (kit) => {
    const { session } = await open(kit, ['/bin/sh', '-c', 'echo ready; read word; echo "<$word>"; exec sleep 60'], {
      tty: true,
    })
    const steps = dialogue([
      ['ready', Buffer.from('käse 🧀\r')],
      ['<käse 🧀>', Buffer.from('\x03')],
    ])
    expect((await talk(kit, session, steps)).exitCode).toBe(130)
  })

  test('goes on without readers, and replays to the next one', needs, async (kit) => {
    const { session } = await open(kit, ['/bin/sh', '-c', 'echo first; read word; echo "second $word"; exit 4'])
    for await (const item of kit.engine.exec.attach({ session }, silence(), scope)) {
      if (item instanceof Uint8Array && Buffer.from(item).includes('first')) break
    }
    const { out, exitCode, items } = await talk(kit, session, dialogue([['first', Buffer.from('go\n')]]))
    expect([out, exitCode]).toEqual(['first\nsecond go\n', 4])
    const live = items.findIndex((item) => !(item instanceof Uint8Array) && item.type === 'live')
    expect(printed(items.slice(0, live))).toMatch(/^first\n/)
    expect(items[live]).toEqual({ type: 'live', lostBytes: 0 })
    const again = await talk(kit, session)
    expect([again.out, again.exitCode]).toEqual(['first\nsecond go\n', 4])
    const fresh = await collect(kit.engine.exec.attach({ session, replay: false }, silence(), scope))
    expect([printed(fresh), exitOf(fresh)]).toEqual(['', 4])
  })

  own('counts what a writer sent, and lets him go on behind it when he comes back', needs, async (kit) => {
    const { session } = await open(kit, ['cat'])
    const id = randomBytes(16).toString('hex')
    const attach = (sent: number, items: (Uint8Array | ExecUp)[]) =>
      kit.engine.exec.attach({ session, writer: { id, sent } }, typing(items), scope)
    const counts: (number | null)[] = []
    for await (const item of attach(0, [Buffer.from('one '), Buffer.from('two ')])) {
      if (item instanceof Uint8Array || item.type !== 'input') continue
      counts.push(item.received)
      if (item.received === 8) break
    }
    expect([counts[0], counts.at(-1)]).toEqual([0, 8])
    const items = await collect(attach(12, [Buffer.from('three'), { type: 'stdin-end' }]))
    expect(items[0]).toEqual({ type: 'input', received: 8 })
    expect([printed(items), exitOf(items)]).toEqual(['one two three', 0])
    const stranger = { id: randomBytes(16).toString('hex'), sent: 1 }
    const [first] = await collect(kit.engine.exec.attach({ session, writer: stranger }, silence(), scope))
    expect(first).toEqual({ type: 'input', received: null })
  })

  own('gives one session to two readers', needs, async (kit) => {
    const { session } = await open(kit, ['/bin/sh', '-c', 'echo first; read word; echo "second $word"'])
    const reading = talk(kit, session)
    const writing = talk(kit, session, dialogue([['first', Buffer.from('go\n')]]))
    for (const { out, exitCode } of await Promise.all([reading, writing])) {
      expect([out, exitCode]).toEqual(['first\nsecond go\n', 0])
    }
  })

  test('lists and removes sessions', [...needs, 'exec.list', 'exec.remove'], async (kit) => {
    const { id } = await kit.start(sleeper)
    const make = (script: string, once = {}) =>
      kit.engine.exec.create({ id, command: ['/bin/sh', '-c', script] }, { ...scope, ...once })
    const list = async () =>
      (await kit.engine.exec.list({ id }, scope)).map(({ id: session, state, exitCode }) => [session, state, exitCode])
    expect(await list()).toEqual([])
    const over = await make('exit 3')
    await talk(kit, over.id)
    const going = await make('sleep 60')
    expect(going).toMatchObject({ containerId: id, tty: false, state: 'running', exitCode: null })
    expect((await list()).sort()).toEqual(
      [
        [over.id, 'exited', 3],
        [going.id, 'running', null],
      ].sort(),
    )
    for (const _ of [1, 2]) await kit.engine.exec.remove({ session: going.id }, scope)
    expect(await list()).toEqual([[over.id, 'exited', 3]])
    expect(await codeOf(collect(kit.engine.exec.attach({ session: going.id }, silence(), scope)))).toBe('NOT_FOUND')
  })

  own('makes one session of one operation id', needs, async (kit) => {
    const { id } = await kit.start(sleeper)
    const once = { ...scope, operationId: `contract-${randomBytes(6).toString('hex')}` }
    const make = async () => (await kit.engine.exec.create({ id, command: ['sleep', '60'] }, once)).id
    const ids = await Promise.all([make(), make()])
    ids.push(await make())
    expect(new Set(ids).size).toBe(1)
  })

  own('ends with its container', needs, async (kit) => {
    const { id, session } = await open(kit, ['/bin/sh', '-c', 'echo ready; sleep 60'])
    const reading = talk(kit, session)
    await kit.engine.containers.kill({ id, signal: 'KILL' }, scope)
    expect((await reading).exitCode).not.toBe(0)
    expect(await codeOf(kit.engine.exec.create({ id, command: ['true'] }, scope))).toBe('CONFLICT')
    await kit.engine.containers.remove({ id }, scope)
    expect(await codeOf(collect(kit.engine.exec.attach({ session }, silence(), scope)))).toBe('NOT_FOUND')
  })

  test(
    'keeps a terminal through the end of the agent',
    ['exec.attach.survivesAgent', ...needs],
    async (kit) => {
      if (kit.subject.reopen === undefined) return
      const script = 'echo "shell $$"; read word; echo "$word $$"'
      const { session } = await open(kit, ['/bin/sh', '-c', script], { tty: true })
      let shell = ''
      for await (const item of kit.engine.exec.attach({ session }, silence(), scope)) {
        if (item instanceof Uint8Array) shell += Buffer.from(item).toString()
        if (/shell \d+/.test(shell)) break
      }
      await kit.reopen()
      const { out, exitCode } = await talk(kit, session, dialogue([['shell', Buffer.from('same\r')]]))
      const [, pid] = /shell (\d+)/.exec(out) ?? []
      expect(out).toContain(`same ${pid}`)
      expect(exitCode).toBe(0)
    },
    { alone: true },
  )
}
