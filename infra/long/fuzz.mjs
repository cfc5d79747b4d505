import { fileURLToPath } from 'node:url'
import { projectFiles } from '../ci/tracked.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))
/** Files that vitest runs at once in the unit project (vitest.config.ts). */
const atOnce = 4

/** What vitest finds the files of properties by. */
export const fuzzTests = ['.properties.test.ts']

/** Minutes for all properties together: 30, or what the environment says. */
export const fuzzMinutes = Number(process.env['FLOTILLA_FUZZ_MINUTES'] ?? 30)

/** Each file of properties has the same share of the time. */
export function fuzzEnvironment() {
  if (!(fuzzMinutes > 0 && fuzzMinutes <= 60))
    throw new Error('FLOTILLA_FUZZ_MINUTES must be more than 0 and at most 60')
  const files = projectFiles(
    root,
    fuzzTests.map((end) => `*${end}`),
  ).length
  return { FLOTILLA_FUZZ_SECONDS: String((fuzzMinutes * 60) / Math.ceil(files / atOnce)) }
}
