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

/** Sentences that say the same in the product's own words since: for a person, and no client reads them. */
const reworded: Readonly<Record<string, string>> = {
  'The input is not valid. text: Invalid input: expected string, received number.': 'text must be of the type string.',
}

const inTodaysWords = (answers: Step['answers']) =>
  answers.map((answer) => {
    const { message } = answer
    const now = message === undefined ? undefined : reworded[decodeURIComponent(message)]
    return now === undefined ? answer : { ...answer, message: encodeURIComponent(now) }
  })

test('a client of protocol version 1 is answered as it was then', async () => {
  if (process.env['LINK_RECORD'] === '1') {
    await writeFile(recording, gzipSync(JSON.stringify(await replay(await record(testMethods)))))
  }
  const then = JSON.parse(gunzipSync(await readFile(recording)).toString()) as Step[]
  expect(then.length).toBeGreaterThan(10)
  expect(then.every(({ answers }) => answers.length > 0)).toBe(true)
  const now = await replay(then)
  for (const [at, { name, answers }] of then.entries()) {
    expect({ name, answers: now[at]?.answers }).toEqual({ name, answers: inTodaysWords(answers) })
  }
})
