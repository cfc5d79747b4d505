import { readFile, writeFile } from 'node:fs/promises'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { record, replay, type Step } from './testing/recording.ts'
import { testMethods } from './testing/table.ts'

/**
 * The bytes of a client of protocol version 1, and what it was answered. A host's agent is updated before or after its
 * control plane, so these must stay understood. Recorded again, only where version 1 is given up, by
 * `LINK_RECORD=1 npx vitest run --project unit packages/link/src/older-client.test.ts`.
 */
const recording = new URL('testing/client-version-1.json.gz', import.meta.url)

test('a client of protocol version 1 is answered as it was then', async () => {
  if (process.env['LINK_RECORD'] === '1') {
    await writeFile(recording, gzipSync(JSON.stringify(await replay(await record(testMethods)))))
  }
  const then = JSON.parse(gunzipSync(await readFile(recording)).toString()) as Step[]
  expect(then.length).toBeGreaterThan(10)
  expect(then.every(({ answers }) => answers.length > 0)).toBe(true)
  const now = await replay(then)
  for (const [at, { name, answers }] of then.entries()) {
    expect({ name, answers: now[at]?.answers }).toEqual({ name, answers })
  }
})
