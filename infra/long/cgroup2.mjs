import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sum, vitestCounts } from '../ci/counts.mjs'
import { bootKernel } from '../lab/booted-kernel.mjs'

// Runs tests in the booted kernel. Argument: where the report goes.

const onEngine = ['contract', 'containers/life', 'containers/escape']
const suites = [
  ['unit', 'packages/kernel'],
  // A whole agent, beside a control plane that it joins.
  ['engine', 'infra/spine/main-job.engine'],
  ['engine', ...onEngine.map((name) => `packages/engine-oci/src/${name}.engine`)],
]
const root = fileURLToPath(new URL('../../', import.meta.url))
const reportPath = process.argv[2] ?? ''

const lines = suites.map(
  ([project, ...paths]) => `
FLOTILLA_TEST_REPORT=/tmp/report.json node node_modules/.bin/vitest run --project ${project} --maxWorkers 1 \\
  --reporter=default --reporter=./infra/ci/vitest-reporter.mjs ${paths.join(' ')} 2>&1 | cat
node -e 'const { contract, ...counts } = JSON.parse(require("fs").readFileSync("/tmp/report.json")); console.log("REPORT " + JSON.stringify(counts))'
rm -f /tmp/report.json`,
)
const { said, release } = await bootKernel({ root, folder: join(process.env['TMPDIR'] ?? '/tmp', 'guest'), lines })
/** @type {import('../ci/counts.mjs').Counts[]} */
const reports = [...said.matchAll(/^REPORT (\{.*\})\r?$/gm)].map(([, text]) => vitestCounts(text ?? '{}'))
const { failed, ...counted } = sum(reports)
const counts = { ...counted, failed: failed + suites.length - reports.length }
writeFileSync(reportPath, JSON.stringify({ ...counts, kernel: `${release}, cgroup v2` }))
process.exitCode = counts.failed === 0 ? 0 : 1
