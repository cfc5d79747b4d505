import { expect } from 'vitest'
import { collect, ends, eventually, scope, sleeper } from './kit.ts'
import type { Topic } from './topic.ts'

const needs = ['containers.logs']

/** Reading what a container printed: while it does, after its end, in part, and on from where one stopped. */
export const logs: Topic = (test, own) => {
  own('keeps both streams apart, and gives either alone', needs, async (kit) => {
    const { id } = await kit.run('echo out; echo err >&2; echo out again')
    expect(await kit.printed(id)).toEqual(['out', 'out again'])
    expect(await kit.printed(id, 'stderr')).toEqual(['err'])
    expect((await kit.lines({ id, stderr: false })).map(({ text }) => text)).toEqual(['out', 'out again'])
    expect((await kit.lines({ id, stdout: false })).map(({ text }) => text)).toEqual(['err'])
  })

  test('follows to the end, and ends when cancelled', needs, async (kit) => {
    const { id } = await kit.start('echo one; sleep 0.3; echo two; sleep 0.3; printf three')
    const all = await collect(kit.engine.containers.logs({ id, follow: true }, scope))
    expect(all.flatMap(({ lines }) => lines.map((line) => line.text))).toEqual(['one', 'two', 'three'])
    const quiet = await kit.start(sleeper)
    await ends((signal) => kit.engine.containers.logs({ id: quiet.id, follow: true }, { ...scope, signal }))
  })

  test('gives the last lines, and with them what comes', needs, async (kit) => {
    const { id } = await kit.start("trap 'echo more; exit 0' USR1; seq 1 100; while :; do sleep 0.05; done")
    await kit.said(id, '100')
    const followed: string[] = []
    for await (const { lines } of kit.engine.containers.logs({ id, tail: 2, follow: true }, scope)) {
      if (followed.length === 0) await kit.engine.containers.kill({ id, signal: 'USR1' }, scope)
      followed.push(...lines.map(({ text }) => text))
    }
    expect(followed).toEqual(['99', '100', 'more'])
    const texts = async (input: { tail: number }) => (await kit.lines({ id, ...input })).map(({ text }) => text)
    expect(await texts({ tail: 3 })).toEqual(['99', '100', 'more'])
    expect(await texts({ tail: 0 })).toEqual([])
    expect(await texts({ tail: 1000 })).toHaveLength(101)
  })

  own('gives what was printed since and until a time', [...needs, 'containers.logs.since'], async (kit) => {
    const { id } = await kit.run('echo early; sleep 1.2; echo late')
    const times = (await kit.lines({ id })).map(({ time }) => Date.parse(time))
    expect(times).toHaveLength(2)
    const between = new Date(((times[0] ?? 0) + (times[1] ?? 0)) / 2).toISOString()
    expect((await kit.lines({ id, since: between })).map(({ text }) => text)).toEqual(['late'])
    expect((await kit.lines({ id, until: between })).map(({ text }) => text)).toEqual(['early'])
    // The same moment as a clock further east shows it, and as seconds.
    const east = `${new Date(Date.parse(between) + 20_700_000).toISOString().slice(0, -1)}+05:45`
    const seconds = String(Date.parse(between) / 1000)
    for (const since of [east, seconds]) {
      expect((await kit.lines({ id, since })).map(({ text }) => text)).toEqual(['late'])
    }
    expect((await kit.lines({ id, since: '1h30m' })).map(({ text }) => text)).toEqual(['early', 'late'])
    expect(await kit.lines({ id, until: '10m' })).toEqual([])
    expect(await kit.lines({ id, since: new Date(Date.now() + 3_600_000).toISOString() })).toEqual([])
  })

  test('goes on after any cursor with no line twice and none lost', needs, async (kit) => {
    const { id } = await kit.run('seq 1 3000')
    const batches = await collect(kit.engine.containers.logs({ id }, scope))
    const all = batches.flatMap(({ lines }) => lines)
    // An engine may cut a line in two where its own buffer ended, and says so.
    const whole = all.map(({ text, partial }) => (partial === true ? text : `${text}\n`)).join('')
    expect(whole).toBe(Array.from({ length: 3000 }, (_, at) => `${at + 1}\n`).join(''))
    let read = 0
    for (const { lines, cursor } of batches.slice(0, 3)) {
      read += lines.length
      expect(await kit.lines({ id, after: cursor })).toEqual(all.slice(read))
    }
    const [once] = await collect(kit.engine.containers.logs({ id, after: batches.at(-1)?.cursor ?? '' }, scope))
    expect(once?.lines ?? []).toEqual([])
  })

  own('keeps the log over runs, each line with its time', needs, async (kit) => {
    const { id } = await kit.run('echo run')
    const [first] = await kit.lines({ id })
    // Two runs within one millisecond could not be told apart.
    await eventually(async () => expect(Date.now()).toBeGreaterThan(Date.parse(first?.time ?? '')))
    await kit.engine.containers.start({ id }, scope)
    await kit.becomes(id, { state: 'exited' })
    await eventually(async () => expect(await kit.printed(id)).toEqual(['run', 'run']))
    const times = (await kit.lines({ id })).map(({ time }) => Date.parse(time))
    expect(times[1]).toBeGreaterThan(times[0] ?? Number.NaN)
  })

  test('keeps every character, long lines whole', needs, async (kit) => {
    const long = 'ä🧀'.repeat(20_000)
    const { id } = await kit.run(`echo "${long}"; echo end`)
    const joined = (await kit.lines({ id })).map((line) => line.text + (line.partial === true ? '' : '\n')).join('')
    expect(joined === `${long}\nend\n`).toBe(true)
  })
}
