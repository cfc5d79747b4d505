import { setTimeout as sleep } from 'node:timers/promises'
import { appendFile, link, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LogBatch, type LogsInput } from '@flotilla/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { LogFolder } from './log-folder.ts'
import { nameFiles } from './log-names.ts'
import { readLog } from './log-reader.ts'

let folder: LogFolder
let clock = 0

beforeEach(async () => {
  folder = new LogFolder(await mkdtemp(join(tmpdir(), 'flotilla-logs-')))
  clock = Date.parse('2026-01-01T00:00:00Z')
})
afterEach(() => rm(folder.path, { recursive: true }))

/** An entry as conmon writes it; the clock goes on by a second each. */
function entry(text: string, more: { stream?: string; tag?: string } = {}): string {
  const time = new Date((clock += 1000)).toISOString().replace('Z', '000000+00:00')
  return `${time} ${more.stream ?? 'stdout'} ${more.tag ?? 'F'} ${text}\n`
}
const write = (text: string | Buffer) => appendFile(folder.currentPath, text)

/** What conmon does when a file is full, or when it is told to: a new file takes the current name in one step. */
async function goOn(): Promise<void> {
  await writeFile(folder.sparePath, '')
  await rename(folder.sparePath, folder.currentPath)
}

async function rotate(keep = 10): Promise<void> {
  nameFiles(folder)
  await goOn()
  nameFiles(folder)
  await folder.prune(keep)
}

type Input = Omit<z.output<typeof LogsInput>, 'id'>
const all: Input = { follow: false, tail: null, stdout: true, stderr: true }

async function read(input: Partial<Input> = {}): Promise<LogBatch[]> {
  const source = { folder, ended: () => true, onEnd: () => () => {} }
  const batches: LogBatch[] = []
  for await (const batch of readLog(source, { ...all, ...input }, AbortSignal.timeout(5000))) batches.push(batch)
  return batches
}
const texts = (batches: LogBatch[]) => batches.flatMap(({ lines }) => lines.map(({ text }) => text))

describe('reading', () => {
  it('goes over rotated files in order, each line once', async () => {
    for (let number = 1; number <= 5000; number += 1) {
      await write(entry(String(number)))
      if (number % 700 === 0) await rotate(100)
    }
    const wanted = Array.from({ length: 5000 }, (_, index) => String(index + 1))
    expect(texts(await read())).toEqual(wanted)
    for (const tail of [0, 1, 299, 300, 301, 1500])
      expect(texts(await read({ tail }))).toEqual(wanted.slice(5000 - tail))
    const batches = await read()
    expect(Math.max(...batches.map(({ lines }) => lines.length))).toBeLessThanOrEqual(1000)
    expect(texts(await read({ after: batches[2]?.cursor }))).toEqual(wanted.slice(texts(batches.slice(0, 3)).length))
  })

  it('keeps the streams apart and takes the times that were asked for', async () => {
    for (let number = 0; number < 3000; number += 1) {
      await write(entry(String(number), { stream: number % 3 === 0 ? 'stderr' : 'stdout' }))
    }
    expect(texts(await read({ stdout: false, tail: 2 }))).toEqual(['2994', '2997'])
    const since = new Date(clock - 4000).toISOString()
    expect(texts(await read({ since }))).toEqual(['2995', '2996', '2997', '2998', '2999'])
    const until = new Date(clock - 3000).toISOString()
    expect(texts(await read({ since, until }))).toEqual(['2995', '2996'])
  })

  it('puts characters together that were cut between two pieces', async () => {
    const euro = Buffer.from('€')
    const head = entry('a', { tag: 'P' }).slice(0, -1)
    await write(Buffer.concat([Buffer.from(head), euro.subarray(0, 1), Buffer.from('\n')]))
    const rest = entry('', { tag: 'F' }).slice(0, -1)
    await write(Buffer.concat([Buffer.from(rest), euro.subarray(1), Buffer.from('b\n')]))
    await write(Buffer.concat([Buffer.from(entry('bad ').slice(0, -1)), Buffer.from([0xff]), Buffer.from('\n')]))
    const lines = (await read()).flatMap((batch) => batch.lines)
    expect(lines.map(({ text, partial }) => [text, partial === true])).toEqual([
      ['a', true],
      ['€b', false],
      ['bad \uFFFD', false],
    ])
  })

  it('leaves a byte order mark where it stands', async () => {
    await write(entry('\ufeffa', { tag: 'P' }))
    await write(entry('\ufeffb'))
    await write(entry('\ufeffc'))
    expect(texts(await read())).toEqual(['\ufeffa', '\ufeffb', '\ufeffc'])
  })

  it('goes on behind more that is no entry than one look takes', async () => {
    await write(entry('before'))
    await write('no entry at all\n'.repeat(10_000))
    await write(`${'x'.repeat(200_000)}\n`)
    await write(entry('after'))
    await rotate()
    await write(entry('in the next file'))
    expect(texts(await read())).toEqual(['before', 'after', 'in the next file'])
  })

  it('has times that may be sent alone, also where a full disk tore an entry', async () => {
    await write(`${entry('one')}${entry('torn').slice(0, 12)}${entry('behind it')}${entry('two')}`)
    expect(texts((await read()).map((batch) => LogBatch.parse({ lines: batch.lines, cursor: batch.cursor })))).toEqual([
      'one',
      'two',
    ])
  })

  it('tells a gap where an entry was torn, and reads on behind it', async () => {
    const torn = entry('torn')
    await write(`${entry('one')}${torn.slice(20)}${entry('two')}${torn.slice(0, 30)}\n${entry('three')}`)
    const batches = await read()
    const gap = { from: null, to: null, lines: null }
    expect(batches.map((batch) => [texts([batch]), batch.gap])).toEqual([
      [['one'], undefined],
      [['two', 'three'], gap],
    ])
    expect(texts(await read({ after: batches[0]?.cursor }))).toEqual(['two', 'three'])
  })

  it('waits for the end of an entry, and steps over what is none', async () => {
    const whole = entry('whole')
    await write(`${entry('one')}no entry at all\n${whole.slice(0, -3)}`)
    expect(texts(await read())).toEqual(['one'])
    await write(whole.slice(-3))
    expect(texts(await read())).toEqual(['one', 'whole'])
  })
})

describe('what rotation drops', () => {
  it('is a gap with its count: lines shown and lines skipped are the lines written', async () => {
    let written = 0
    const batch = async (count: number) => {
      for (let number = 0; number < count; number += 1) await write(entry(String((written += 1))))
    }
    await batch(10)
    const cursor = (await read()).at(-1)?.cursor
    for (const count of [5, 7, 9]) {
      await batch(count)
      await rotate(2)
    }
    await batch(4)
    const whole = await read()
    const gap = whole[0]?.gap?.lines ?? 0
    expect(gap).toBe(22)
    expect(texts(whole).length + gap).toBe(written)
    const resumed = await read({ after: cursor })
    expect(resumed[0]?.gap?.lines).toBe(12)
    expect(texts(resumed).length + 12 + 10).toBe(written)
  })

  it('costs a reader that stalls nothing of the file that it reads', async () => {
    for (let number = 1; number <= 1500; number += 1) await write(entry(String(number)))
    const source = { folder, ended: () => true, onEnd: () => () => {} }
    const reader = readLog(source, all, AbortSignal.timeout(5000))
    const first = await reader.next()
    for (let file = 0; file < 4; file += 1) {
      await rotate(2)
      await write(entry(`file ${file}`))
    }
    const rest: LogBatch[] = []
    for await (const batch of reader) rest.push(batch)
    const lines = [...(first.done === true ? [] : first.value.lines), ...rest.flatMap((batch) => batch.lines)].map(
      ({ text }) => text,
    )
    expect(lines.slice(0, 1500)).toEqual(Array.from({ length: 1500 }, (_, index) => String(index + 1)))
    expect(lines.slice(1500)).toEqual(['file 2', 'file 3'])
    expect(rest.find(({ gap }) => gap !== undefined)?.gap?.lines).toBe(2)
  })

  it.each([
    ['cut', (text: string) => text.slice(0, 30)],
    ['empty', () => ''],
    ['of another kind', () => '[1]'],
  ])('is a gap without a count where the count is %s, and the log is read on', async (_, damage) => {
    for (const line of ['one', 'two', 'three', 'four']) {
      await write(entry(line))
      await rotate(2)
    }
    const cursor = (await read()).at(-1)?.cursor
    const path = join(folder.path, 'dropped.json')
    await writeFile(path, damage(await readFile(path, 'utf8')))
    const whole = await read()
    expect([texts(whole), whole[0]?.gap]).toEqual([
      texts(await read({ tail: 100 })),
      { from: null, to: null, lines: null },
    ])
    expect(texts(whole).length).toBeGreaterThan(0)
    await write(entry('five'))
    await rotate(2)
    await write(entry('six'))
    expect(texts(await read({ after: cursor }))).toEqual(['five', 'six'])
    expect(texts(await read()).at(-1)).toBe('six')
    expect((await folder.dropped()).through).toBeGreaterThan(0)
  })

  it('is nothing where the writer went on while nobody looked, and a gap without a count where it did so more often', async () => {
    await write(entry('one'))
    nameFiles(folder)
    await goOn()
    await write(entry('two'))
    expect(texts(await read())).toEqual(['one', 'two'])
    nameFiles(folder)
    for (const line of ['three', 'lost', 'four']) {
      await goOn()
      await write(entry(line))
      await sleep(20) // that it takes to fill a file
    }
    const seen = [
      [['one', 'two', 'three'], undefined],
      [['four'], { from: null, to: null, lines: null }],
    ]
    const said = async () => {
      const batches = await read()
      const at = batches.findIndex(({ gap }) => gap !== undefined)
      return [
        [texts(batches.slice(0, at)), undefined],
        [texts(batches.slice(at)), batches[at]?.gap],
      ]
    }
    expect(await said()).toEqual(seen)
    const cursor = (await read()).at(-1)?.cursor
    nameFiles(folder)
    expect(await said()).toEqual(seen)
    await write(entry('five'))
    expect(texts(await read({ after: cursor }))).toEqual(['five'])
    await folder.prune(1)
    expect((await read())[0]?.gap).toMatchObject({ lines: null })
    expect(texts(await read())).toEqual(['four', 'five'])
  })

  it('is nothing where the writer went on twice in one moment', async () => {
    await write(entry('one'))
    nameFiles(folder)
    for (const line of ['two', 'three']) {
      await goOn()
      await write(entry(line))
    }
    const whole = [['one', 'two', 'three'], undefined]
    const said = async () => [texts(await read()), (await read()).find(({ gap }) => gap !== undefined)]
    expect(await said()).toEqual(whole)
    nameFiles(folder)
    expect(await said()).toEqual(whole)
  })

  it('goes on in its place wherever an agent died while it named the files', async () => {
    await write(entry('one'))
    nameFiles(folder)
    await rm(folder.sparePath) // before the next one was laid ready
    nameFiles(folder)
    await goOn()
    await write(entry('two'))
    nameFiles(folder)
    await rm(folder.sparePath)
    await goOn() // and the writer made one of its own
    await write(entry('three'))
    nameFiles(folder)
    await goOn()
    await write(entry('four'))
    expect(texts(await read())).toEqual(['one', 'two', 'three', 'four'])
  })

  it('goes uncounted where the writer is faster than the count', async () => {
    await write(entry('one').repeat(10_000))
    await rotate()
    await write(entry('two'))
    nameFiles(folder)
    await folder.prune(1, { isLate: () => true })
    const [first] = await read()
    expect(first?.gap).toMatchObject({ lines: null, from: expect.any(String) as string })
    const bytes = (await folder.dropped()).generations[0]?.bytes ?? 0
    expect(bytes).toBeGreaterThan(39_000)
    expect(bytes).toBeLessThan(41_000)
  })

  it('is counted once, also where the agent died between count and removal', async () => {
    await write(entry('one') + entry('two'))
    await rotate()
    await write(entry('three'))
    await rotate()
    const [first] = await folder.files()
    const copy = `${first?.path ?? ''}.copy`
    await link(first?.path ?? '', copy)
    await folder.prune(2)
    await rename(copy, first?.path ?? '') // as if it had been counted and not yet removed
    await folder.prune(2)
    expect(await folder.dropped()).toMatchObject({ through: 1, generations: [{ generation: 1, lines: 2 }] })
    await expect(stat(first?.path ?? '')).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

it('follows until the writer has ended and all is read', async () => {
  let ended = false
  let wake = () => {}
  const source = {
    folder,
    ended: () => ended,
    onEnd: (listener: () => void) => {
      wake = listener
      return () => {}
    },
  }
  const seen: string[] = []
  const following = (async () => {
    for await (const batch of readLog(source, { ...all, follow: true }, AbortSignal.timeout(10_000))) {
      seen.push(...texts([batch]))
    }
  })()
  for (let number = 1; number <= 50; number += 1) {
    await write(entry(String(number)))
    if (number % 20 === 0) await rotate()
    await sleep(3)
  }
  await write(entry('last'))
  ended = true
  wake()
  await following
  expect(seen).toEqual([...Array.from({ length: 50 }, (_, index) => String(index + 1)), 'last'])
})
