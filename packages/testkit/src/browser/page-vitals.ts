import type { Platform } from '../lab/platform.ts'
import { type BrowserContext, chromium, type Page } from '@playwright/test'
import { chromiumLaunch } from './chromium.ts'
import { signIn } from './people.ts'

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
  /** Until what was looked for stood there, which need not be the largest thing. */
  shownMs: number
  /** Cumulative layout shift, without a unit. */
  shift: number
  /** Bytes of script that came over the line until then, headers included. */
  scriptBytes: number
}

/** A browser in which pages are opened by somebody who was never there: nothing is cached. */
export interface Visitor {
  /** Opens an address; it is there when `text` is. */
  visit(options: { path: string; text: string; signedIn: boolean; slowness: Slowness }): Promise<Vitals>
  /**
   * Moves, chooses, searches, sorts and opens the palette in the list of containers, as somebody does who looks for one. Gives
   * how long after each key or click the next paint was, in milliseconds; those of under 16 ms are not told by a browser.
   */
  interact(text: string): Promise<number[]>
  close(): Promise<void>
}

/** As the owner of a platform. */
export async function openVisitor(platform: Platform): Promise<Visitor> {
  const browser = await chromium.launch(chromiumLaunch)
  const storageState = await signIn(browser, platform, platform.admin)
  const inContext = async <T>(signedIn: boolean, work: (context: BrowserContext) => Promise<T>): Promise<T> => {
    const context = await browser.newContext({
      ...{ baseURL: platform.url, viewport: { width: 1440, height: 900 } },
      ...(signedIn ? { storageState } : {}),
    })
    try {
      return await work(context)
    } finally {
      await context.close()
    }
  }
  return {
    visit: ({ path, text, signedIn, slowness }) =>
      inContext(signedIn, async (context) => {
        const page = await openNoted(context, text)
        await slowDown(page, slowness)
        await page.goto(path)
        await page.getByText(text).first().waitFor()
        await page.waitForTimeout(1000) // what is larger may still come
        return vitalsOf(page)
      }),
    interact: (text) =>
      inContext(true, async (context) => {
        const page = await openNoted(context, text)
        await page.goto('/containers')
        await page.getByText(text).first().waitFor()
        await lookForOne(page)
        return page.evaluate(() => window.vitals.interactions)
      }),
    close: () => browser.close(),
  }
}

async function openNoted(context: BrowserContext, text: string): Promise<Page> {
  const page = await context.newPage()
  await page.addInitScript(note, text)
  return page
}

async function slowDown(page: Page, { bits, roundTripMs, processor }: Slowness): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Network.enable')
  await devtools.send('Network.emulateNetworkConditions', {
    ...{ offline: false, latency: roundTripMs },
    ...{ downloadThroughput: bits / 8, uploadThroughput: bits / 16 },
  })
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: processor })
}

function vitalsOf(page: Page): Promise<Vitals> {
  return page.evaluate(() => {
    const { largestPaintMs, shownMs, shift } = window.vitals
    const scripts = (performance.getEntriesByType('resource') as PerformanceResourceTiming[]).filter(
      ({ name, startTime }) => name.endsWith('.js') && startTime <= largestPaintMs,
    )
    return {
      firstPaintMs: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
      ...{ largestPaintMs, shownMs, shift },
      scriptBytes: scripts.reduce((sum, { transferSize }) => sum + transferSize, 0),
    }
  })
}

async function lookForOne(page: Page): Promise<void> {
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
  await page.getByRole('columnheader', { name: 'Memory' }).getByRole('button').click()
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

declare global {
  interface Window {
    vitals: { largestPaintMs: number; shownMs: number; shift: number; interactions: number[] }
  }
}

/** Runs in the page before anything of it. It goes there as its text, so it names no function: that takes a helper of tsx's. */
function note(text: string): void {
  window.vitals = { largestPaintMs: Number.NaN, shownMs: Number.NaN, shift: 0, interactions: [] }
  for (const type of ['largest-contentful-paint', 'layout-shift', 'event']) {
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { hadRecentInput?: boolean; value?: number })[]) {
        if (type === 'largest-contentful-paint') window.vitals.largestPaintMs = entry.startTime
        else if (type === 'layout-shift') window.vitals.shift += entry.hadRecentInput === true ? 0 : (entry.value ?? 0)
        else if (/^(key|click|pointer(down|up))/.test(entry.name)) window.vitals.interactions.push(entry.duration)
      }
    }).observe({ type, buffered: true, ...(type === 'event' ? { durationThreshold: 16 } : {}) })
  }
  new MutationObserver((_, observer) => {
    if (document.querySelector('main')?.textContent.includes(text) !== true) return
    observer.disconnect()
    requestAnimationFrame(() => (window.vitals.shownMs = performance.now()))
  }).observe(document, { childList: true, characterData: true, subtree: true })
}
