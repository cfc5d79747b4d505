import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { FlotillaError, toFlotillaError } from '@flotilla/protocol'
import { root } from '@flotilla/testkit/lab/platform-build'
import type { Bench, LoneBench } from './bench.ts'
import { feedBench } from './bench-feed.ts'
import { listBench } from './bench-list.ts'
import { logsBench } from './bench-logs.ts'
import { memoryBench } from './bench-memory.ts'
import { pagesBench } from './bench-pages.ts'
import { pullBench } from './bench-pull.ts'
import { restBench } from './bench-rest.ts'
import { startBench } from './bench-start.ts'
import { terminalBench } from './bench-terminal.ts'
import { readHistory, refuseBaseline, withBaseline, withRun, writeHistory } from './history.ts'
import { loadNow, type Machine, readCommit, readMachine } from './machine.ts'
import { renderBench, renderDocument } from './report.ts'
import type { Section } from './section.ts'
import { openStage, type Stage } from './stage.ts'

const benches: readonly (Bench | LoneBench)[] = [
  startBench,
  pullBench,
  logsBench,
  terminalBench,
  restBench,
  pagesBench,
  feedBench,
  listBench,
  memoryBench,
]
/** Fewer say nothing of the spread. */
const leastRuns = 7
const document = join(root, 'docs', 'benchmarks.md')
const figures = join(root, 'docs', 'benchmarks')

const say = (line: string) => process.stdout.write(`${line}\n`)

async function main(argv: readonly string[]): Promise<void> {
  const { chosen, runs, baseline } = readArguments(argv)
  if (process.getuid?.() !== 0) throw new FlotillaError('PERMISSION_DENIED', 'npm run bench needs root.')
  if (baseline)
    refuseBaseline(
      await readHistory(figures),
      chosen.map(({ id }) => id),
    )
  const needsPeers = chosen.some((bench) => 'measure' in bench)
  const machine = await readMachine({ needsPeers })
  const commit = await readCommit(root)
  const stage = needsPeers ? await openStage(runs) : undefined
  const sections: Section[] = []
  try {
    for (const bench of chosen) {
      const section = await measure(bench, { stage, runs, machine, commit })
      sections.push(section)
      say(
        renderBench(bench.id, {
          baseline: (await readHistory(figures)).baseline,
          runs: { [bench.id]: { now: section } },
        }),
      )
      // At once: what a later bench fails on takes nothing of the earlier ones along.
      if (runs >= leastRuns) await note(section, baseline)
    }
  } catch (error) {
    await stage?.close().catch((second: unknown) => say(`Besides: ${toFlotillaError(second).message}`))
    throw error
  }
  await stage?.close()
  const misses = sections.flatMap(({ figures }) => figures.filter(({ met }) => met === false))
  if (runs < leastRuns) say(`Not written to docs/benchmarks.md: that takes ${leastRuns} runs or more.`)
  else say('Written to docs/benchmarks.md.')
  say(misses.length === 0 ? 'All targets were met.' : `MISSED: ${misses.map(({ what }) => what).join('; ')}.`)
}

function readArguments(argv: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: {
      runs: { type: 'string', default: String(leastRuns) },
      baseline: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  })
  const unknown = positionals.find((name) => !benches.some(({ id }) => id === name))
  if (unknown !== undefined) {
    const known = benches.map(({ id }) => id).join(', ')
    throw new FlotillaError('INVALID_ARGUMENT', `There is no bench ${unknown}. There are: ${known}.`)
  }
  const runs = Number(values.runs)
  if (!Number.isSafeInteger(runs) || runs < 1) throw new FlotillaError('INVALID_ARGUMENT', '--runs takes a number.')
  const chosen = positionals.length === 0 ? benches : benches.filter(({ id }) => positionals.includes(id))
  return { chosen, runs, baseline: values.baseline }
}

async function note(section: Section, isBaseline: boolean): Promise<void> {
  const before = await readHistory(figures)
  const history = isBaseline ? withBaseline(before, section) : withRun(before, section)
  await writeHistory(figures, history)
  await writeFile(
    document,
    renderDocument(
      benches.map(({ id }) => id),
      history,
    ),
  )
}

interface Circumstances {
  stage: Stage | undefined
  runs: number
  machine: Machine
  commit: string
}

async function measure(bench: Bench | LoneBench, { stage, runs, machine, commit }: Circumstances): Promise<Section> {
  say(`${bench.title} …`)
  const before = loadNow()
  const measured = 'measureAlone' in bench ? await bench.measureAlone({ runs }) : await onStage(bench, stage)
  const { id, title, how } = bench
  const load = { before, after: loadNow() }
  return { id, title, how: how.replaceAll('\n', ' '), commit, machine, load, figures: measured }
}

function onStage(bench: Bench, stage: Stage | undefined) {
  if (stage === undefined) throw new FlotillaError('INTERNAL', `${bench.title} has no stage.`)
  return bench.measure(stage)
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (thrown: unknown) => {
    const error = toFlotillaError(thrown)
    process.stderr.write(`${error.message}${error.detail === undefined ? '' : `\n${error.detail}`}\n`)
    process.exit(1)
  },
)
