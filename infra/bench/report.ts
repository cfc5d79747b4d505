import type { Figure, Target } from './figure.ts'
import type { Machine } from './machine.ts'
import type { Spread } from './statistics.ts'

/** One bench as it was run once. */
export interface Section {
  id: string
  title: string
  how: string
  figures: readonly Figure[]
  machine: Machine
  /** The first number of /proc/loadavg before and after. */
  load: [number, number]
}

const begin = (id: string) => `<!-- bench ${id} -->`
const end = (id: string) => `<!-- end of bench ${id} -->`

const intro = `# Benchmarks

Written by \`npm run bench\`. Every figure stands beside its peer's of the same run, taken in turn (A B A B), so that a busy or
slow machine meets both alike: look at the ratio first. Where the load is far above the number of cores the ratio leans too, since
many threads get more of a crowded processor than one: such figures are to be taken again. Median, then least to most. **MISS**
marks a target that was not reached.
A single bench is run anew with its name, such as \`npm run bench -- start pull\`; the others' sections stay as they are.
`

/** Puts sections into the document in this order; those of a bench that was not run now stay. */
export function merge(document: string, order: readonly string[], sections: readonly Section[]): string {
  const parts = order.map((id) => {
    const fresh = sections.find((section) => section.id === id)
    return fresh === undefined ? between(document, begin(id), end(id)) : render(fresh)
  })
  return `${intro}\n${parts.filter((part) => part !== '').join('\n')}`
}

function between(document: string, from: string, to: string): string {
  const [start, stop] = [document.indexOf(from), document.indexOf(to)]
  return start < 0 || stop < start ? '' : `${document.slice(start, stop + to.length)}\n`
}

export function render({ id, title, how, figures, machine, load }: Section): string {
  const rows = figures.map((figure) =>
    [
      figure.what,
      cell(figure, figure.ours),
      figure.peers.map(({ name, spread }) => `${name} ${cell(figure, spread)}`).join('; ') || 'none',
      figure.ratio === null ? '' : figure.ratio.toFixed(2),
      figure.target === null ? '' : wanted(figure.target, figure),
      figure.met === null ? '' : figure.met ? 'met' : '**MISS**',
    ].join(' | '),
  )
  const notes = figures.flatMap(({ what, note }) => (note === undefined ? [] : [`- ${what}: ${note}`]))
  return [
    begin(id),
    `## ${title}`,
    '',
    how,
    '',
    '| what | Flotilla | beside it | ratio | target | |',
    '|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
    ...(notes.length === 0 ? [] : ['', ...notes]),
    '',
    `${machine.date}; ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB; Linux ${machine.kernel}; ${machine.versions}; load ${load[0]} before, ${load[1]} after.`,
    end(id),
    '',
  ].join('\n')
}

function cell({ unit }: Figure, { median, least, most, count }: Spread): string {
  return `${round(median)} ${unit} (${round(least)} to ${round(most)}, n=${count})`
}

function wanted(target: Target, { unit }: Figure): string {
  return 'atMost' in target ? `below ${target.atMost} ${unit}` : `at most ${target.ratioAtMost} of the first peer`
}

function round(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en')
  return value.toFixed(value >= 10 ? 1 : 2)
}
