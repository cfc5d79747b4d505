import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { FlotillaError, toFlotillaError } from '@flotilla/protocol'
import { root } from '@flotilla/testkit/lab/platform-build'
import type { Bench } from './bench.ts'
import { logsBench } from './bench-logs.ts'
import { pagesBench } from './bench-pages.ts'
import { pullBench } from './bench-pull.ts'
import { restBench } from './bench-rest.ts'
import { startBench } from './bench-start.ts'
import { terminalBench } from './bench-terminal.ts'
import { loadNow, readMachine } from './machine.ts'
import { merge, render, type Section } from './report.ts'
import { openStage, type Stage } from './stage.ts'

const benches: readonly Bench[] = [startBench, pullBench, logsBench, terminalBench, restBench, pagesBench]
/** Fewer say nothing of the spread. */
const leastRuns = 7
const document = join(root, 'docs', 'benchmarks.md')

const say = (line: string) => process.stdout.write(`${line}\n`)

async function main(argv: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { runs: { type: 'string', default: String(leastRuns) } },
    allowPositionals: true,
  })
  const unknown = positionals.find((name) => !benches.some(({ id }) => id === name))
  if (unknown !== undefined) {
    const known = benches.map(({ id }) => id).join(', ')
    throw new FlotillaError('INVALID_ARGUMENT', `There is no bench ${unknown}. There are: ${known}.`)
  }
  const runs = Number(values.runs)
  if (!Number.isSafeInteger(runs) || runs < 1) throw new FlotillaError('INVALID_ARGUMENT', '--runs takes a number.')
  if (process.getuid?.() !== 0) throw new FlotillaError('PERMISSION_DENIED', 'npm run bench needs root.')
  const chosen = positionals.length === 0 ? benches : benches.filter(({ id }) => positionals.includes(id))
  const machine = await readMachine()
  const stage = await openStage(runs)
  const sections: Section[] = []
  try {
    for (const bench of chosen) {
      const section = await measure(bench, stage, machine)
      sections.push(section)
      say(render(section))
      // At once: what a later bench fails on takes nothing of the earlier ones along.
      if (runs >= leastRuns) await note(section)
    }
  } catch (error) {
    await stage.close().catch((second: unknown) => say(`Besides: ${toFlotillaError(second).message}`))
    throw error
  }
  await stage.close()
  const misses = sections.flatMap(({ figures }) => figures.filter(({ met }) => met === false))
  if (runs < leastRuns) say(`Not written to docs/benchmarks.md: that takes ${leastRuns} runs or more.`)
  else say('Written to docs/benchmarks.md.')
  say(misses.length === 0 ? 'All targets were met.' : `MISSED: ${misses.map(({ what }) => what).join('; ')}.`)
}

async function note(section: Section): Promise<void> {
  const before = await readFile(document, 'utf8').catch(() => '')
  const order = benches.map(({ id }) => id)
  await writeFile(document, merge(before, order, [section]))
}

async function measure(bench: Bench, stage: Stage, machine: Section['machine']): Promise<Section> {
  say(`${bench.title} …`)
  const before = loadNow()
  const figures = await bench.measure(stage)
  const { id, title, how } = bench
  return { id, title, how: how.replaceAll('\n', ' '), figures, machine, load: [before, loadNow()] }
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (thrown: unknown) => {
    const error = toFlotillaError(thrown)
    process.stderr.write(`${error.message}${error.detail === undefined ? '' : `\n${error.detail}`}\n`)
    process.exit(1)
  },
)
