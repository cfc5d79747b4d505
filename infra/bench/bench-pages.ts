import { dashboard } from '@flotilla/testkit/browser/dashboard'
import { openVisitor, type Slowness, type Visitor, type Vitals } from '@flotilla/testkit/browser/page-vitals'
import { startPlatform } from '@flotilla/testkit/lab/platform'
import type { Bench } from './bench.ts'
import { type Figure, judge } from './figure.ts'

const containers = 20_000
const count = containers.toLocaleString('en')
const desk: Slowness = { bits: 10_000_000, roundTripMs: 40, processor: 4 }
const phone: Slowness = { bits: 1_600_000, roundTripMs: 150, processor: 4 }

/** Where one goes, and the words by which one sees that it is there. */
const pages = [
  { name: 'sign-in', path: '/sign-in', text: 'E-mail', signedIn: false, isFirst: true },
  { name: 'overview', path: '/', text: 'containers run on', signedIn: true, isFirst: true },
  {
    ...{ name: `the list of ${count} containers`, path: '/containers', text: `${count} containers` },
    ...{ signedIn: true, isFirst: false },
  },
] as const

export const pagesBench: Bench = {
  id: 'pages',
  title: 'Pages',
  how: `The dashboard in headless Chromium with nothing cached, on a fleet of ${count} containers in memory. Slowed as Lighthouse does it: the
processor four times, the line to 10 Mbit/s and 40 ms, and once more to the 1.6 Mbit/s and 150 ms of a poor phone line. Largest paint is
when the largest thing that the page shows stood there; its target is of the pages that one meets first. What one came for (the form, the
fleet's numbers, the rows) may stand there later. Interactions are keys and clicks in the list (moving, choosing, searching,
sorting, the palette) without any slowing, until the next paint; the slowest of a turn counts.`,
  async measure({ runs }) {
    const platform = await startPlatform({ dashboard, fake: containers })
    try {
      const visitor = await openVisitor(platform)
      try {
        const figures: Figure[] = []
        for (const page of pages) figures.push(...(await paints(visitor, page, runs)))
        return [...figures, await slowest(visitor, runs)]
      } finally {
        await visitor.close()
      }
    } finally {
      await platform.close()
    }
  },
}

async function paints(visitor: Visitor, page: (typeof pages)[number], runs: number): Promise<Figure[]> {
  const [fast, slow]: [Vitals[], Vitals[]] = [[], []]
  for (let turn = 0; turn <= runs; turn += 1) {
    const onDesk = await visitor.visit({ ...page, slowness: desk })
    const onPhone = await visitor.visit({ ...page, slowness: phone })
    if (turn === 0) continue
    fast.push(onDesk)
    slow.push(onPhone)
  }
  const of = (all: readonly Vitals[], what: keyof Vitals) => all.map((vitals) => vitals[what])
  const shift = Math.max(...of([...fast, ...slow], 'shift'))
  const { name, signedIn, isFirst } = page
  return [
    judge({ what: `${name}: first paint`, unit: 'ms', ours: of(fast, 'firstPaintMs') }),
    judge({
      ...{ what: `${name}: largest paint`, unit: 'ms', ours: of(fast, 'largestPaintMs') },
      ...(isFirst ? { target: { atMost: 1500 } } : {}),
      note: `the layout shifted by ${shift.toFixed(4)} at most.`,
    }),
    judge({ what: `${name}: what one came for`, unit: 'ms', ours: of(fast, 'shownMs') }),
    judge({ what: `${name}: largest paint, poor phone line`, unit: 'ms', ours: of(slow, 'largestPaintMs') }),
    judge({ what: `${name}: what one came for, poor phone line`, unit: 'ms', ours: of(slow, 'shownMs') }),
    judge({
      ...{ what: `${name}: packed script until then`, unit: 'kB' },
      ours: of(fast, 'scriptBytes').map((bytes) => bytes / 1000),
      ...(signedIn ? {} : { target: { atMost: 200 } }), // the first that anybody loads
    }),
  ]
}

async function slowest(visitor: Visitor, runs: number): Promise<Figure> {
  const values: number[] = []
  for (let turn = 0; turn <= runs; turn += 1) {
    const measured = await visitor.interact(`${count} containers`)
    if (turn > 0) values.push(Math.max(...measured))
  }
  const what = `slowest interaction in the list of ${count}`
  return judge({ what, unit: 'ms', ours: values, target: { atMost: 100 } })
}
