import type { Platform } from '../lab/platform.ts'
import { chromium } from '@playwright/test'
import { chromiumLaunch } from './chromium.ts'
import { pages } from './pages.ts'
import { signIn } from './people.ts'

/** A container's log in a real browser, for benchmarks: what stands in the page, and when it came to stand there. */
export interface LogWatcher {
  /** When each line that reads `line <number>` was first in the page, in milliseconds since 1970. */
  arrivals(): Promise<Map<string, number>>
  /** Lines that came to the page so far; it takes more only when it has drawn them. */
  lines(): Promise<number>
  close(): Promise<void>
}

/** Opens the page of the container's log, signed in as the owner, and answers when the log is there. */
export async function watchLog(platform: Platform, container: string): Promise<LogWatcher> {
  const browser = await chromium.launch(chromiumLaunch)
  try {
    const storageState = await signIn(browser, platform, platform.admin)
    const context = await browser.newContext({ baseURL: platform.url, storageState })
    const page = await context.newPage()
    await page.addInitScript(countAndNote)
    await page.goto(pages['container-logs']?.({ container, image: '', host: '' }) ?? '/')
    await page.getByText('Following', { exact: true }).waitFor() // a log that is still empty is followed, too
    return {
      arrivals: async () => new Map(await page.evaluate(() => [...window.benchArrivals])),
      lines: () => page.evaluate(() => window.benchLines),
      close: () => browser.close(),
    }
  } catch (error) {
    await browser.close()
    throw error
  }
}

declare global {
  interface Window {
    benchArrivals: Map<string, number>
    benchLines: number
  }
}

/** Runs in the page before anything of it. */
function countAndNote(): void {
  window.benchArrivals = new Map()
  window.benchLines = 0
  const plain = window.WebSocket
  window.WebSocket = class extends plain {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      this.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        if (!(data instanceof ArrayBuffer)) return
        const text = new TextDecoder().decode(data)
        for (let at = text.indexOf('{"time":'); at >= 0; at = text.indexOf('{"time":', at + 1)) window.benchLines += 1
      })
    }
  }
  new MutationObserver(() => {
    const now = performance.timeOrigin + performance.now()
    const log = document.querySelector('[role=log]')
    if (log === null) return
    const texts = document.createTreeWalker(log, NodeFilter.SHOW_TEXT)
    for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
      const line = node.nodeValue ?? ''
      if (/^line \d+$/.test(line) && !window.benchArrivals.has(line)) window.benchArrivals.set(line, now)
    }
  }).observe(document, { subtree: true, childList: true, characterData: true })
}
