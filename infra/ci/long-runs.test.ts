import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { longRuns } from '../long/runs.mjs'
import { projectFiles } from './tracked.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))
const self = 'infra/ci/long-runs.test.ts'

test('whatever a test leaves out of each run is in a long run that npm test names', () => {
  const atFullLength = Object.values(longRuns).filter(({ env }) => env?.['FLOTILLA_LONG'] === '1')
  const named = atFullLength.flatMap(({ tests = [] }) => tests)
  const shortened = projectFiles(root, ['*.test.ts'])
    .filter((path) => path !== self)
    .filter((path) => readFileSync(join(root, path), 'utf8').includes('FLOTILLA_LONG'))
  expect(shortened.length).toBeGreaterThan(10)
  expect(shortened.filter((path) => !named.includes(path))).toEqual([])
  expect(named.filter((path) => !shortened.includes(path))).toEqual([])
})
