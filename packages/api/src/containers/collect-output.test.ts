import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { ExecDown } from '@flotilla/protocol'
import { expect, test } from 'vitest'
import { collectOutput } from './collect-output.ts'

const pieceBytes = 640 * 1024

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

test('a command that prints without end costs the memory of what is kept of it', async () => {
  const memory: WeakRef<ArrayBufferLike>[] = []
  async function* output(): AsyncGenerator<Uint8Array | ExecDown> {
    for (let at = 0; at < 20; at += 1) {
      const piece = new Uint8Array(pieceBytes).fill(65 + at)
      memory.push(new WeakRef(piece.buffer))
      yield piece
    }
    await turn() // a weak reference holds until its turn of the event loop is over
    collectGarbage()
    const held = memory.filter((each) => each.deref() !== undefined)
    expect(held.length).toBeLessThan(4)
    yield { type: 'exit', exitCode: 3 }
  }
  const answer = await collectOutput(output())
  expect(answer).toMatchObject({ stderr: '', exitCode: 3, truncated: true })
  expect(answer.stdout).toBe('A'.repeat(pieceBytes) + 'B'.repeat(1024 * 1024 - pieceBytes))
})

test('each stream is kept by itself, and what fits is whole', async () => {
  async function* output(): AsyncGenerator<Uint8Array | ExecDown> {
    yield Buffer.from('out')
    yield { type: 'channel', channel: 'stderr' }
    yield Buffer.alloc(1024 * 1024, 'e')
    yield await Promise.resolve({ type: 'exit' as const, exitCode: 0 })
  }
  expect(await collectOutput(output())).toEqual({
    stdout: 'out',
    stderr: 'e'.repeat(1024 * 1024),
    exitCode: 0,
    truncated: false,
  })
})
