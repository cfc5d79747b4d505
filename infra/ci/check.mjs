import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runStep, runSteps, table } from './steps.mjs'

// All that can be said of the code without running it. No daemon, no root, under three minutes.
const root = fileURLToPath(new URL('../../', import.meta.url))
const bin = (/** @type {string} */ name) => join(root, 'node_modules/.bin', name)
const cache = 'node_modules/.cache'

const steps = [
  // Types, and the rules that ask types: one pass of a native compiler over each project (.oxlintrc.json).
  { name: 'types and typed lint', argv: [bin('oxlint'), '--quiet', '.'] },
  { name: 'lint', argv: [bin('eslint'), '--cache', '--cache-location', `${cache}/eslint/`, '.'] },
  {
    name: 'import directions',
    argv: [bin('depcruise'), '--config', '.dependency-cruiser.cjs', 'packages', 'apps', 'infra', 'playwright'],
  },
  {
    name: 'dead code',
    argv: [bin('knip'), '--no-progress', '--no-config-hints', '--cache', '--cache-location', `${cache}/knip`],
  },
  { name: 'format', argv: [bin('biome'), 'format', '.'] },
  { name: 'docs', argv: [process.execPath, 'infra/ci/docs.mjs'] },
  { name: 'file length', argv: [process.execPath, 'infra/ci/file-length.mjs'] },
]

const started = performance.now()
const generated = await runStep({ name: 'generate', argv: ['npm', 'run', 'generate'] }, { cwd: root })
const outcomes = generated.ok
  ? await runSteps(steps, {
      cwd: root,
      width: 2,
      reported: ({ name, ok, output }) => {
        if (!ok) process.stdout.write(`\n--- ${name}\n${output}\n`)
      },
    })
  : []
if (!generated.ok) process.stdout.write(`\n--- generate\n${generated.output}\n`)
const all = [generated, ...outcomes]
const failed = all.filter((outcome) => !outcome.ok)
process.stdout.write(`\n${table(all)}`)
process.stdout.write(
  `check: ${failed.length === 0 ? 'all good' : `${failed.length} of ${all.length} failed`}, ${((performance.now() - started) / 1000).toFixed(0)} s\n`,
)
process.exitCode = failed.length === 0 ? 0 : 1
