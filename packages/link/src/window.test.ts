import { setTimeout as sleep } from 'node:timers/promises'
import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { memoryPair } from './memory.ts'
import { serve } from './serve.ts'
import type { Step } from './testing/recording.ts'
import { testService } from './testing/service.ts'

/** A DATA frame of 16 KiB on a stream. */
function data(stream: number): Buffer {
  const frame = Buffer.alloc(9 + 16_384)
  frame.writeUIntBE(16_384, 0, 3)
  frame.writeUInt32BE(stream, 5)
  return frame
}

// An error that nobody listens for ends the process, and belongs to no test: it fails the run.
test('a caller that sends more than its window ends its own call, and nothing else', async () => {
  const recording = new URL('testing/client-version-1.json.gz', import.meta.url)
  const steps = JSON.parse(gunzipSync(await readFile(recording)).toString()) as Step[]
  const sent = Buffer.concat(steps.slice(0, 9).flatMap((step) => step.sent.map((part) => Buffer.from(part, 'base64'))))
  const upload = Buffer.from(steps.find(({ name }) => name === 'an upload')?.sent[0] ?? '', 'base64')
  const headers = upload.subarray(0, 9 + upload.readUIntBE(0, 3))
  const stream = headers.readUInt32BE(5)
  const [near, far] = memoryPair()
  const { service, seen } = testService()
  const session = serve(far, { find: () => service, hello: { version: '1' } })
  near.resume()
  near.write(Buffer.concat([sent, headers, ...Array.from({ length: 40 }, () => data(stream))]))
  await sleep(300)
  session.close()
  await session.closed
  expect(seen.running).toBe(0)
})
