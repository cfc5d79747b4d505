import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isApart } from '../ci/apart.mjs'
import { countsFrom, failureList, playwrightCounts, vitestCounts } from '../ci/counts.mjs'
import { testMachine } from '../ci/machine.mjs'
import { runStep } from '../ci/steps.mjs'
import { installDependencies } from '../up/dependencies.mjs'
import { kernelPackage } from '../lab/kernel-package.mjs'
import { note } from './report.mjs'
import { longRuns } from './runs.mjs'

// `npm run test:long -- NAME`: one of the runs that are too long for `npm test`; without a name it lists them.
const root = fileURLToPath(new URL('../../', import.meta.url))
const say = (/** @type {string} */ line) => process.stdout.write(`${line}\n`)
const [name = '', ...more] = process.argv.slice(2)
const run = longRuns[name]

if (run === undefined || more.length > 0) {
  const wide = Math.max(...Object.keys(longRuns).map((each) => each.length))
  say('npm run test:long -- NAME runs one of these and notes the result in docs/long-runs.md:')
  for (const [each, { what, minutes }] of Object.entries(longRuns)) {
    say(`  ${each.padEnd(wide)}  ${what}; at most ${minutes} minutes`)
  }
  process.exit(name === '' ? 0 : 2)
}
if (run.kernel === true && !isApart()) {
  // It lies beside the build caches, which installing the packages takes along.
  await installDependencies(root, say, new AbortController().signal)
  kernelPackage(root)
}
const { folder, mark } = await testMachine({ root, say, packages: run.packages ?? [] })
const report = join(folder, 'report.json')
const reports = { FLOTILLA_TEST_REPORT: report, PLAYWRIGHT_JSON_OUTPUT_NAME: report }
const env = { ...run.env, ...reports, TMPDIR: folder, FLOTILLA_TEST_RUN: mark }
const outcome = await runStep(
  { name, argv: argvOf(run), env, timeoutMs: run.minutes * 60_000 },
  { cwd: root, echo: true },
)
const counts = countsFrom(report, outcome.ok, run.browser === undefined ? vitestCounts : playwrightCounts)
const { passed, failed, skipped } = counts
for (const reason of skipped) say(`skipped: ${reason}`)
const result = `${passed} passed, ${failed} failed, ${skipped.length} skipped`
const { kernel } = /** @type {{ kernel?: string }} */ (counts)
note(join(root, 'docs/long-runs.md'), { name, result, ms: outcome.ms, ...(kernel === undefined ? {} : { kernel }) })
say(failureList([counts], 12))
say(result)
process.exitCode = failed === 0 && outcome.ok ? 0 : 1

/** @param {import('./runs.mjs').LongRun} run */
function argvOf({ project = 'engine', tests = [], browser, script }) {
  const bin = (/** @type {string} */ tool) => join(root, 'node_modules/.bin', tool)
  if (script !== undefined) return [process.execPath, join(root, script), report]
  if (browser !== undefined) {
    return [
      bin('playwright'),
      'test',
      '--config',
      'playwright/playwright.config.ts',
      '--reporter=list,json',
      ...browser,
    ]
  }
  const reporters = ['--reporter=default', '--reporter=./infra/ci/vitest-reporter.mjs']
  const projects = [project].flat().flatMap((each) => ['--project', each])
  return [bin('vitest'), 'run', ...projects, ...reporters, ...tests]
}
