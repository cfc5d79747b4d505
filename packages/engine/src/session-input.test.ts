import { setImmediate as turn } from 'node:timers/promises'
import type { ExecUp } from '@flotilla/protocol'
import { expect, test } from 'vitest'
import { SessionInput } from './session-input.ts'

const id = 'a-writer-of-this-test'

/** Takes what it is given, a piece at a time where `hold` is called. */
function reader() {
  let text = ''
  let gate: Promise<void> = Promise.resolve()
  return {
    text: () => text,
    hold() {
      let open = () => {}
      gate = new Promise<void>((resolve) => (open = resolve))
      return () => open()
    },
    async write(bytes: Uint8Array) {
      text += Buffer.from(bytes).toString()
      await gate
    },
    endInput: () => {},
    resize: async () => {},
  }
}

async function* items(...list: (string | ExecUp)[]): AsyncGenerator<Uint8Array | ExecUp> {
  for (const item of list) yield typeof item === 'string' ? Buffer.from(item) : item
  await new Promise<void>(() => {})
}

const none = () => {}

test('counts what each writer sent, and tells it to him first when he comes back', async () => {
  const input = new SessionInput()
  const sink = reader()
  const first = input.attach(sink, items('abc'), { id, sent: 0 }, none)
  expect(first.news()).toEqual({ type: 'input', received: 0 })
  await turn()
  expect([first.news(), first.news()]).toEqual([{ type: 'input', received: 3 }, undefined])
  first.stop()
  const other = input.attach(sink, items('x'), { id: 'another-writer-of-it', sent: 0 }, none)
  await turn()
  expect([other.news(), other.news()].map((news) => news?.received)).toEqual([0, 1])
  const again = input.attach(sink, items(), { id, sent: 3 }, none)
  expect(again.news()?.received).toBe(3)
  expect(sink.text()).toBe('abcx')
})

test('takes nothing more of an attachment whose writer has attached again', async () => {
  const input = new SessionInput()
  const sink = reader()
  const open = sink.hold()
  const first = input.attach(sink, items('abc', 'def'), { id, sent: 0 }, none)
  await turn()
  const second = input.attach(sink, items('def'), { id, sent: 6 }, none)
  expect(second.news()?.received).toBe(3)
  open()
  await turn()
  expect([sink.text(), second.news()?.received, first.error]).toEqual(['abcdef', 6, undefined])
})

test('says that it does not know what a writer sent whom it does not know, or whose input failed', async () => {
  const input = new SessionInput()
  expect(input.attach(reader(), items(), { id, sent: 5 }, none).news()).toEqual({ type: 'input', received: null })
  const failing = { ...reader(), write: () => Promise.reject(new Error('gone')) }
  let news = 0
  const attached = input.attach(failing, items('abc'), { id, sent: 0 }, () => (news += 1))
  await turn()
  expect([news, attached.error]).toEqual([1, new Error('gone')])
  expect(input.attach(reader(), items(), { id, sent: 3 }, none).news()?.received).toBeNull()
})

test('knows what it took of a writer whose connection was cut', async () => {
  const input = new SessionInput()
  async function* cut(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('abc')
    await turn()
    throw new Error('cut')
  }
  const attached = input.attach(reader(), cut(), { id, sent: 0 }, none)
  await turn()
  await turn()
  expect(attached.error).toEqual(new Error('cut'))
  expect(input.attach(reader(), items(), { id, sent: 5 }, none).news()?.received).toBe(3)
})

test('counts nothing for who names no writer, and waits where there is no room', async () => {
  const input = new SessionInput()
  const sink = reader()
  const open = sink.hold()
  const attached = input.attach(sink, items('a'.repeat(20_000), 'b'), undefined, none)
  await turn()
  expect([sink.text().length, attached.news()]).toEqual([16 * 1024, undefined])
  open()
  await turn()
  expect(sink.text()).toBe(`${'a'.repeat(20_000)}b`)
})
