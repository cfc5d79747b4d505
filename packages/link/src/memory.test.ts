import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { memoryPair } from './memory.ts'

it('hands over after the write, and the end after what was written', async () => {
  const [left, right] = memoryPair()
  const seen: string[] = []
  right.on('data', (chunk: Buffer) => seen.push(chunk.toString()))
  right.on('end', () => seen.push('end'))
  left.write('one')
  left.end('two')
  expect(seen).toEqual([])
  await expect.poll(() => seen).toEqual(['one', 'two', 'end'])
})

it('ends for the one side when the other is destroyed amid its writes', async () => {
  const [left, right] = memoryPair()
  const errors: unknown[] = []
  right.on('error', (error) => errors.push(error)) // and nobody reads yet
  left.write('never arrives')
  left.destroy()
  for (let round = 0; round < 5; round += 1) await turn()
  expect(errors).toEqual([])
  right.resume()
  await expect.poll(() => right.readableEnded).toBe(true)
})
