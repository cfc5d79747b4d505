import { PassThrough } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { FrameReader } from './frame-reader.ts'
import { jsonFrame } from './frames.ts'
import { defaultLimits } from './limits.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

test('a frame that comes byte by byte takes no more memory than twice its bytes', async () => {
  const value = 'x'.repeat(300_000)
  const frame = jsonFrame(value, defaultLimits.jsonBytes)
  const stream = new PassThrough({ highWaterMark: 1 })
  const reader = new FrameReader(stream, defaultLimits, { held: 0 })
  const next = reader.next()
  const heap = () => {
    collect()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  const before = heap()
  for (const byte of frame.subarray(0, -1)) {
    stream.write(Buffer.from([byte]))
    await new Promise(process.nextTick)
  }
  expect(heap() - before).toBeLessThan(5_000_000)
  stream.end(frame.subarray(-1))
  expect(await next).toEqual({ json: value })
})
