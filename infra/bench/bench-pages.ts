import { type Browser, type Page, chromium } from '@playwright/test'
import { chromiumLaunch } from '../../playwright/lib/chromium.ts'
import { dashboard } from '../../playwright/lib/dashboard.ts'
import { interactions, openNoted, type Slowness, visit, type Vitals } from '../../playwright/lib/page-vitals.ts'
import { type SignedIn, signIn } from '../../playwright/lib/people.ts'
import { type Platform, startPlatform } from '../lab/src/platform.ts'
import type { Bench } from './bench.ts'
import { type Figure, judge } from './figure.ts'

const containers = 20_000
const count = containers.toLocaleString('en')
const desk: Slowness = { bits: 10_000_000, roundTripMs: 40, processor: 4 }
const phone: Slowness = { bits: 1_600_000, roundTripMs: 150, processor: 4 }

const visits: { name: string; path: string; known: boolean; shown: (page: Page) => Promise<void> }[] = [
  { name: 'sign-in', path: '/sign-in', known: false, shown: (page) => page.getByLabel('E-mail').waitFor() },
  {
    ...{ name: 'overview', path: '/', known: true },
    shown: (page) => page.getByText('containers run on').first().waitFor(),
  },
  {
    ...{ name: `the list of ${count} containers`, path: '/containers', known: true },
    shown: (page) => page.getByText(`${count} containers`).waitFor(),
  },
]

export const pagesBench: Bench = {
  id: 'pages',
  title: 'Pages',
  how: `The dashboard in headless Chromium with nothing cached, on a fleet of ${count} containers in memory. Slowed as Lighthouse does it: the
processor four times, the line to 10 Mbit/s and 40 ms, and once more to the 1.6 Mbit/s and 150 ms of a poor phone line. Largest paint is
when the largest thing that the page shows stood there. Interactions are keys and clicks in the list (moving, choosing, searching,
sorting, the palette) without any slowing, until the next paint; the slowest of a turn counts.`,
  async measure({ runs }) {
    const platform = await startPlatform({ dashboard, fake: containers })
    try {
      const browser = await chromium.launch(chromiumLaunch)
      try {
        const known = await signIn(browser, platform, platform.admin)
        const figures: Figure[] = []
        for (const one of visits) figures.push(...(await paints(browser, platform, known, one, runs)))
        return [...figures, await slowest(browser, platform, known, runs)]
      } finally {
        await browser.close()
      }
    } finally {
      await platform.close()
    }
  },
}

async function paints(
  browser: Browser,
  platform: Platform,
  storageState: SignedIn,
  { name, path, known, shown }: (typeof visits)[number],
  runs: number,
): Promise<Figure[]> {
  const [fast, slow]: [Vitals[], Vitals[]] = [[], []]
  const at = { path, shown, ...(known ? { storageState } : {}) }
  for (let turn = 0; turn <= runs; turn += 1) {
    const pair = [
      await visit(browser, platform, { ...at, slowness: desk }),
      await visit(browser, platform, { ...at, slowness: phone }),
    ] as const
    if (turn === 0) continue
    fast.push(pair[0])
    slow.push(pair[1])
  }
  const of = (all: readonly Vitals[], what: keyof Vitals) => all.map((vitals) => vitals[what])
  const most = Math.max(...of([...fast, ...slow], 'shift'))
  return [
    judge({ what: `${name}: first paint`, unit: 'ms', ours: of(fast, 'firstPaintMs') }),
    judge({
      ...{ what: `${name}: largest paint`, unit: 'ms', ours: of(fast, 'largestPaintMs'), target: { atMost: 1500 } },
      note: `the layout shifted by ${most.toFixed(4)} at most.`,
    }),
    judge({ what: `${name}: largest paint, poor phone line`, unit: 'ms', ours: of(slow, 'largestPaintMs') }),
    judge({
      ...{ what: `${name}: packed script until then`, unit: 'kB' },
      ours: of(fast, 'scriptBytes').map((bytes) => bytes / 1000),
      ...(known ? {} : { target: { atMost: 200 } }),
    }),
  ]
}

async function slowest(browser: Browser, platform: Platform, storageState: SignedIn, runs: number): Promise<Figure> {
  const values: number[] = []
  for (let turn = 0; turn <= runs; turn += 1) {
    const context = await browser.newContext({ baseURL: platform.url, storageState })
    const page = await openNoted(context)
    await page.goto('/containers')
    await page.getByText(`${count} containers`).waitFor()
    await work(page)
    const measured = await interactions(page)
    await context.close()
    if (turn > 0) values.push(Math.max(...measured))
  }
  return judge({
    ...{ what: `slowest interaction in the list of ${count}`, unit: 'ms' },
    ...{ ours: values, target: { atMost: 100 } },
  })
}

/** What somebody does who looks for something. */
async function work(page: Page): Promise<void> {
  const { keyboard } = page
  for (let moved = 0; moved < 15; moved += 1) {
    await keyboard.press('j')
    await page.waitForTimeout(60)
  }
  await keyboard.press('x')
  await keyboard.press('Escape')
  await keyboard.press('/')
  await keyboard.type('web-12', { delay: 100 })
  await page.waitForTimeout(500)
  for (let back = 0; back < 6; back += 1) await keyboard.press('Backspace', { delay: 50 })
  await keyboard.press('Escape')
  await page.getByRole('columnheader', { name: 'Memory' }).click()
  await page.waitForTimeout(500)
  await page.getByRole('checkbox').first().click()
  await page.waitForTimeout(300)
  await keyboard.press('Control+k')
  await page.getByRole('dialog').waitFor()
  await keyboard.type('stop', { delay: 100 })
  await page.waitForTimeout(300)
  await keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
}
