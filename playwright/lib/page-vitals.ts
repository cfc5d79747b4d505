import type { Platform } from '@flotilla/lab/platform'
import type { Browser, BrowserContext, Page } from '@playwright/test'
import type { SignedIn } from './people.ts'

/** A line and a machine as slow as they are asked to be. */
export interface Slowness {
  /** Bits a second, down; up has half of it. */
  bits: number
  roundTripMs: number
  /** How many times slower the processor is. */
  processor: number
}

/** What a person waits for, as web-vitals names it: https://web.dev/articles/vitals */
export interface Vitals {
  firstPaintMs: number
  /** Until the largest thing that the page shows stood there. */
  largestPaintMs: number
  /** Cumulative layout shift, without a unit. */
  shift: number
  /** Bytes of script that came over the line until then, headers included. */
  scriptBytes: number
}

/** Opens an address as somebody who was never there: nothing is cached. `shown` says when the page has what it is for. */
export async function visit(
  browser: Browser,
  platform: Platform,
  options: { path: string; storageState?: SignedIn; slowness: Slowness; shown: (page: Page) => Promise<void> },
): Promise<Vitals> {
  const { storageState } = options
  const context = await browser.newContext({
    baseURL: platform.url,
    viewport: { width: 1440, height: 900 },
    ...(storageState === undefined ? {} : { storageState }),
  })
  try {
    const page = await openNoted(context, options.slowness)
    await page.goto(options.path)
    await options.shown(page)
    await page.waitForTimeout(1000) // what is larger may still come
    return await page.evaluate(() => {
      const scripts = (performance.getEntriesByType('resource') as PerformanceResourceTiming[]).filter(
        ({ name, startTime }) => name.endsWith('.js') && startTime <= window.vitals.largestPaintMs,
      )
      return {
        firstPaintMs: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
        largestPaintMs: window.vitals.largestPaintMs,
        shift: window.vitals.shift,
        scriptBytes: scripts.reduce((sum, { transferSize }) => sum + transferSize, 0),
      }
    })
  } finally {
    await context.close()
  }
}

/** How long after each key or click the next paint was, in milliseconds; those of under 16 ms are not told by a browser. */
export async function interactions(page: Page): Promise<number[]> {
  return page.evaluate(() => window.vitals.interactions)
}

/** A page that notes its paints, shifts and interactions from its first moment. */
export async function openNoted(context: BrowserContext, slowness?: Slowness): Promise<Page> {
  const page = await context.newPage()
  await page.addInitScript(note)
  if (slowness === undefined) return page
  const devtools = await context.newCDPSession(page)
  await devtools.send('Network.enable')
  await devtools.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: slowness.roundTripMs,
    downloadThroughput: slowness.bits / 8,
    uploadThroughput: slowness.bits / 16,
  })
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowness.processor })
  return page
}

declare global {
  interface Window {
    vitals: { largestPaintMs: number; shift: number; interactions: number[] }
  }
}

/** Runs in the page before anything of it. */
function note(): void {
  window.vitals = { largestPaintMs: Number.NaN, shift: 0, interactions: [] }
  const watch = (type: string, take: (entry: PerformanceEntry) => void) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({
      ...{ type, buffered: true },
      ...(type === 'event' ? { durationThreshold: 16 } : {}),
    })
  watch('largest-contentful-paint', ({ startTime }) => (window.vitals.largestPaintMs = startTime))
  watch('layout-shift', (entry) => {
    const { hadRecentInput, value } = entry as PerformanceEntry & { hadRecentInput: boolean; value: number }
    if (!hadRecentInput) window.vitals.shift += value
  })
  watch('event', ({ name, duration }) => {
    if (/^(key|click|pointer(down|up))/.test(name)) window.vitals.interactions.push(duration)
  })
}
