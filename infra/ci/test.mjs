import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installPackages, missingPackages, runtimePackages, testPackages } from '../up/packages.mjs'
import { contractTable } from './contract-table.mjs'
import { countsFrom, playwrightCounts, sum, vitestCounts } from './counts.mjs'
import { leftovers, snapshot } from './leftovers.mjs'
import { runStep, table } from './steps.mjs'

// Everything: installs what the tests need, checks, runs every suite, and looks that nothing is left behind.
const root = fileURLToPath(new URL('../../', import.meta.url))
const bin = (/** @type {string} */ name) => join(root, 'node_modules/.bin', name)
const say = (/** @type {string} */ line) => process.stdout.write(`${line}\n`)

if (process.getuid?.() !== 0) {
  say('The tests run real containers and need root: sudo npm test')
  process.exit(2)
}
const missing = missingPackages([...Object.keys(runtimePackages), ...Object.keys(testPackages)])
if (missing.length > 0) installPackages(missing, say, { takeUpdates: true })
// From Debian 13 on Docker's command is a package of its own.
if (spawnSync('docker', ['--version']).error !== undefined) installPackages(['docker-cli'], say, { takeUpdates: true })

// Short, because the paths of unix sockets under it end at 108 bytes; all that the tests start carries it.
const mark = `ft-${randomBytes(4).toString('hex')}`
const folder = join('/tmp', mark)
mkdirSync(folder, { mode: 0o755 })
const reports = join(root, 'node_modules/.cache/reports')
rmSync(reports, { recursive: true, force: true })
mkdirSync(reports, { recursive: true })
const before = snapshot(mark)

const env = { TMPDIR: folder, FLOTILLA_TEST_RUN: mark, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' }
const vitest = (/** @type {string} */ project) => ({
  name: `test:${project}`,
  argv: [bin('vitest'), 'run', '--project', project, '--reporter=default', '--reporter=./infra/ci/vitest-reporter.mjs'],
  env: { ...env, FLOTILLA_TEST_REPORT: join(reports, `${project}.json`) },
  report: join(reports, `${project}.json`),
  read: vitestCounts,
})
// Above the five minutes that a suite may take, so that a slow machine is told by the table and not by a kill.
const timeoutMs = 600_000
const suites = [
  { name: 'check', argv: [process.execPath, 'infra/ci/check.mjs'], env, report: '', read: vitestCounts },
  vitest('unit'),
  vitest('engine'),
  { name: 'build', argv: [bin('turbo'), 'run', 'build', '--ui=stream'], env, report: '', read: vitestCounts },
  {
    name: 'test:browser',
    argv: [bin('playwright'), 'test', '--config', 'playwright/playwright.config.ts', '--reporter=list,json'],
    env: { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: join(reports, 'browser.json') },
    report: join(reports, 'browser.json'),
    read: playwrightCounts,
  },
]

// `npm test -- check test:unit` runs those alone; what is left out is said at the end.
const asked = new Set(process.argv.slice(2))
const isAsked = (/** @type {{ name: string }} */ { name }) => asked.size === 0 || asked.has(name)
const unknown = [...asked].filter((name) => !suites.some((suite) => suite.name === name))
if (unknown.length > 0) throw new Error(`There is no suite ${unknown.join(', ')}.`)

const outcomes = []
const counts = []
for (const suite of suites.filter(isAsked)) {
  say(`\n=== ${suite.name}`)
  const outcome = await runStep({ timeoutMs, ...suite }, { cwd: root, echo: true })
  outcomes.push(outcome)
  counts.push(countsFrom(suite.report, outcome.ok, suite.read))
}

const left = await leftovers(before, mark)
for (const entry of readdirSync(folder)) if (!isTool(entry)) left.push(`folder ${join(folder, entry)}`)
rmSync(folder, { recursive: true, force: true })
outcomes.push({ name: 'nothing left behind', ok: left.length === 0, ms: 0 })
for (const thing of left) say(`left behind: ${thing}`)

const { passed, failed, skipped, again } = sum(counts)
for (const { name } of suites.filter((suite) => !isAsked(suite))) say(`NOT RUN, as it was not asked for: ${name}`)
say(`\n${contractTable(counts.flatMap(({ contract }) => contract ?? []))}`)
for (const reason of skipped) say(`skipped: ${reason}`)
for (const name of again) say(`passed when it was tried again: ${name}`)
const failures = failed + (left.length > 0 ? 1 : 0)
say(`\n${table(outcomes)}`)
say(`${passed} passed, ${failures} failed, ${skipped.length} skipped`)
process.exitCode = failures === 0 ? 0 : 1

/** @param {string} entry what tools of others keep in the temporary folder, which goes with it */
function isTool(entry) {
  return /^(node-compile-cache|v8-compile-cache|tsx-|playwright|\.?org\.chromium|jiti|next-|turbo)/i.test(entry)
}
