import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { longRuns } from '../long/runs.mjs'
import { contractTable } from './contract-table.mjs'
import { countsFrom, failureList, playwrightCounts, slowest, sum, vitestCounts } from './counts.mjs'
import { leftovers, snapshot, watchGroups } from './leftovers.mjs'
import { testMachine } from './machine.mjs'
import { runSteps, table } from './steps.mjs'

// Everything: installs what the tests need, checks, runs every suite, and looks that nothing is left behind.
const root = fileURLToPath(new URL('../../', import.meta.url))
const bin = (/** @type {string} */ name) => join(root, 'node_modules/.bin', name)
const say = (/** @type {string} */ line) => process.stdout.write(`${line}\n`)

const { folder, mark } = await testMachine({ root, say })
const reports = join(root, 'node_modules/.cache/reports')
/** What vitest made of each module: the engine's tests take what the unit tests had made of the same sources a minute before. */
const modules = join(root, 'node_modules/.cache/test-modules')
for (const path of [reports, modules]) {
  rmSync(path, { recursive: true, force: true })
  mkdirSync(path, { recursive: true })
}
const before = snapshot(mark)
const groups = watchGroups()

const env = { TMPDIR: folder, FLOTILLA_TEST_RUN: mark, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' }
const vitest = (/** @type {string} */ project) => ({
  name: `test:${project}`,
  argv: [
    ...[bin('vitest'), 'run', '--project', project, '--reporter=default', '--reporter=./infra/ci/vitest-reporter.mjs'],
    ...['--experimental.fsModuleCache', `--experimental.fsModuleCachePath=${modules}`],
  ],
  env: { ...env, FLOTILLA_TEST_REPORT: join(reports, `${project}.json`) },
  report: join(reports, `${project}.json`),
  read: vitestCounts,
})
const suites = [
  { name: 'check', argv: [process.execPath, 'infra/ci/check.mjs'], env, report: '', read: vitestCounts },
  { name: 'build', argv: [process.execPath, 'infra/ci/build.mjs'], env, report: '', read: vitestCounts },
  { ...vitest('unit'), after: ['check', 'build'] },
  // Its test of `npm run up` takes what was built.
  { ...vitest('engine'), after: ['build', 'test:unit'] },
  {
    name: 'test:browser',
    argv: [bin('playwright'), 'test', '--config', 'playwright/playwright.config.ts', '--reporter=list,json'],
    env: { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: join(reports, 'browser.json') },
    report: join(reports, 'browser.json'),
    read: playwrightCounts,
    after: ['build', 'test:engine'],
  },
]

// `npm test -- check test:unit` runs those alone; what is left out is said at the end.
const asked = new Set(process.argv.slice(2))
const isAsked = (/** @type {{ name: string }} */ { name }) => asked.size === 0 || asked.has(name)
const unknown = [...asked].filter((name) => !suites.some((suite) => suite.name === name))
if (unknown.length > 0) throw new Error(`There is no suite ${unknown.join(', ')}.`)

const begun = performance.now()
// What compiles goes side by side. The suites have bounds of time in them and fill two cores by their own workers. The limit is for
// what hangs; a slow machine is told by the table.
const outcomes = await runSteps(
  suites.filter(isAsked).map((suite) => ({ timeoutMs: 900_000, ...suite })),
  { cwd: root, width: 2, echo: true },
)
const counts = outcomes.map(({ name, ok }) => {
  const { report, read } = suites.find((suite) => suite.name === name) ?? { report: '', read: vitestCounts }
  return countsFrom(report, ok, read)
})

groups.stop()
const left = await leftovers(before, mark, 5000, groups.isOwn)
for (const entry of readdirSync(folder)) if (!isTool(entry)) left.push(`folder ${join(folder, entry)}`)
outcomes.push({ name: 'nothing left behind', ok: left.length === 0, ms: 0, output: '' })

const { passed, failed, skipped, again } = sum(counts)
for (const { name } of suites.filter((suite) => !isAsked(suite))) say(`NOT RUN, as it was not asked for: ${name}`)
say(`\n${contractTable(counts.flatMap(({ contract }) => contract ?? []))}`)
for (const reason of skipped) say(`skipped: ${reason}`)
for (const name of again) say(`passed when it was tried again: ${name}`)
for (const [name, { what }] of Object.entries(longRuns)) say(`left to npm run test:long -- ${name}: ${what}`)
const failures = failed + (left.length > 0 ? 1 : 0)
say(`\nthe files that took longest:\n${slowest(counts, 12)}`)
say(`\n${table(outcomes)}`)
say(`all of it took ${((performance.now() - begun) / 60_000).toFixed(1)} min`)
say(failureList(counts, 12))
for (const thing of left.slice(0, 40)) say(`left behind: ${thing}`)
say(`${passed} passed, ${failures} failed, ${skipped.length} skipped`)
process.exitCode = failures === 0 ? 0 : 1

/** @param {string} entry what tools of others keep in the temporary folder, which goes with it */
function isTool(entry) {
  return /^(node-compile-cache|v8-compile-cache|tsx-|playwright|\.?org\.chromium|jiti|next-|turbo)/i.test(entry)
}
