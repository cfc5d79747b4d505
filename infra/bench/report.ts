import type { Figure, Target } from './figure.ts'
import type { History } from './history.ts'
import type { Section } from './section.ts'
import type { Spread } from './statistics.ts'

const intro = `# Benchmarks

Written by \`npm run bench\` from \`docs/benchmarks/baseline.json\` and \`docs/benchmarks/runs.json\`. Every figure stands beside
its peer's of the same run, taken in turn (A B A B) or in the same windows, so that a busy or slow machine meets both alike: look at
the ratio first, the bold number: Flotilla's figure over the first peer's. Where the load is far above the number of cores the
ratio leans too, since many threads get more of a crowded processor than one: such figures are to be taken again. Then median (or
the percentile named), then least to most. **MISS** marks a target that was not reached.
*Baseline* is measured once and never overwritten, *now* is the newest run and *before* the one before it. A single bench is run anew
with its name, such as \`npm run bench -- start pull\`; the others stay as they are.
`

/** The whole document: the benches in this order, those that were never run left out. */
export function renderDocument(order: readonly string[], history: History): string {
  const parts = order.map((id) => renderBench(id, history)).filter((part) => part !== '')
  return [intro, ...parts].join('\n')
}

/** One bench with its baseline and its two newest runs; empty where there is none of them. */
export function renderBench(id: string, { baseline, runs }: History): string {
  const columns = [
    { name: 'Baseline', section: baseline[id] },
    { name: 'Before', section: runs[id]?.before },
    { name: 'Now', section: runs[id]?.now },
  ]
  const present = columns.flatMap(({ name, section }) => (section === undefined ? [] : [{ name, section }]))
  const newest = present.at(-1)?.section
  if (newest === undefined) return ''
  const rows = figuresOf(present.map(({ section }) => section)).map((figure) => [
    figure.what,
    ...columns.map(({ section }) => cell(section?.figures.find((one) => isSame(one, figure)))),
    figure.peers.map(({ name, spread }) => `${name} ${measured(figure, spread)}`).join('; ') || 'none',
    figure.target === null ? '' : wanted(figure.target, figure),
    figure.met === null ? '' : figure.met ? 'met' : '**MISS**',
  ])
  const notes = newest.figures.flatMap(({ what, note }) => (note === undefined ? [] : [`- ${what}: ${note}`]))
  const otherWays = present.filter(({ section }) => section.how !== newest.how)
  return [
    `## ${newest.title}`,
    '',
    newest.how,
    '',
    '| what | baseline | before | now | beside the newest | target | |',
    '|---|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    ...(notes.length === 0 ? [] : ['', ...notes]),
    ...otherWays.flatMap(({ name, section }) => ['', `${name} was measured otherwise: ${section.how}`]),
    ...present.flatMap(({ name, section }) => ['', `${name}: ${circumstances(section)}`]),
    '',
  ].join('\n')
}

/** Every figure once, as the newest section has it; what only an older one has comes last. */
function figuresOf(sections: readonly Section[]): Figure[] {
  const figures: Figure[] = []
  for (const section of sections.toReversed()) {
    figures.push(...section.figures.filter((figure) => !figures.some((known) => isSame(known, figure))))
  }
  return figures
}

function isSame(one: Figure, other: Figure): boolean {
  return one.what === other.what && one.unit === other.unit
}

function cell(figure: Figure | undefined): string {
  if (figure === undefined) return ''
  const { ratio, ours } = figure
  return `${ratio === null ? '' : `**${ratio.toFixed(2)}** `}${measured(figure, ours)}`
}

function measured({ unit }: Figure, { median, least, most, count }: Spread): string {
  return `${round(median)} ${unit} (${round(least)} to ${round(most)}, n=${count})`
}

function circumstances({ commit, machine, load }: Section): string {
  const { date, cpu, cores, memoryGiB, kernel, versions } = machine
  return `${commit}, ${date}; ${cpu}, ${cores} cores, ${memoryGiB} GiB; Linux ${kernel}; ${versions}; load ${load.before} before, ${load.after} after.`
}

function wanted(target: Target, { unit }: Figure): string {
  return 'atMost' in target ? `below ${target.atMost} ${unit}` : `at most ${target.ratioAtMost} of the first peer`
}

function round(value: number): string {
  const size = Math.abs(value)
  if (size >= 100) return Math.round(value).toLocaleString('en')
  return value.toFixed(size >= 10 ? 1 : 2)
}
