import { Duplex } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { eager } from './eager.ts'

/** Takes writes and finishes each when it is told to. */
function slowCarrier(): { carrier: Duplex; finish: () => void } {
  const waiting: (() => void)[] = []
  const carrier = new Duplex({
    read() {},
    write: (_chunk, _encoding, done) => void waiting.push(() => done()),
  })
  return { carrier, finish: () => waiting.shift()?.() }
}

it('lets bulk go on, first come first served, when what waits has left', async () => {
  const { carrier, finish } = slowCarrier()
  const wire = eager(carrier, 1_000_000)
  expect(wire.belowBacklog(100)).toBeUndefined()
  wire.write(Buffer.alloc(80))
  wire.write(Buffer.alloc(80))
  const order: string[] = []
  const first = wire.belowBacklog(100)?.then(() => order.push('first'))
  const second = wire.belowBacklog(100)?.then(() => order.push('second'))
  await turn()
  expect(order).toEqual([])
  finish()
  await Promise.all([first, second])
  expect(order).toEqual(['first', 'second'])
  expect(wire.belowBacklog(100)).toBeUndefined()
  wire.destroy()
})

it('keeps the second waiting where the first has sent more', async () => {
  const { carrier, finish } = slowCarrier()
  const wire = eager(carrier, 1_000_000)
  wire.write(Buffer.alloc(200))
  const order: string[] = []
  const first = wire.belowBacklog(100)?.then(() => {
    order.push('first')
    wire.write(Buffer.alloc(200))
  })
  const second = wire.belowBacklog(100)?.then(() => order.push('second'))
  finish()
  await first
  for (let round = 0; round < 5; round += 1) await turn()
  expect(order).toEqual(['first'])
  finish()
  await second
  expect(order).toEqual(['first', 'second'])
  wire.destroy()
})

it('lets everybody go when it is destroyed', async () => {
  const { carrier } = slowCarrier()
  const wire = eager(carrier, 1_000_000)
  wire.write(Buffer.alloc(200))
  const waits = [1, 2].map(() => wire.belowBacklog(100) ?? Promise.reject(new Error('nothing waited')))
  wire.destroy()
  await Promise.all(waits)
  expect(wire.belowBacklog(100)).toBeUndefined()
})
