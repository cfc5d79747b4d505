import type { BrowserContext, ConsoleMessage, Page } from '@playwright/test'

/** What went wrong in a page without anybody seeing it. */
export class Complaints {
  private readonly found: string[] = []
  private readonly expected: RegExp[] = []

  /** Something that this test brings about on purpose, such as a request that fails while a server is away. */
  expect(pattern: RegExp): void {
    this.expected.push(pattern)
  }

  add(text: string): void {
    this.found.push(text)
  }

  list(): string[] {
    return this.found.filter((text) => !this.expected.some((pattern) => pattern.test(text)))
  }

  /** Listens to every page of a context: console errors, errors that nothing caught, reports of the content policy. */
  watch(context: BrowserContext): void {
    for (const page of context.pages()) loadAgain(page)
    context.on('page', loadAgain)
    context.on('console', (message) => {
      if (message.type() === 'error' && !isRefusal(message))
        this.add(`console: ${message.text()} ${message.location().url}`)
    })
    context.on('weberror', (error) => this.add(`page error: ${String(error.error())}`))
    context.on('request', (request) => {
      if (new URL(request.url()).pathname.endsWith('/csp-report'))
        this.add(`content policy: ${request.postData() ?? ''}`)
    })
  }
}

/**
 * What Chromium writes as an error and is no fault of the page: an answer of 4xx, since what a server refuses is told on the
 * screen; and a request dropped because the machine's networks changed, as they do when a container starts on it. That the
 * page asks again is what the tests see.
 */
function isRefusal(message: ConsoleMessage): boolean {
  return /^Failed to load resource: (the server responded with a status of 4\d\d|net::ERR_NETWORK_CHANGED)/.test(
    message.text(),
  )
}

const loading = new WeakSet<Page>()
/** A container that starts changes the machine's networks a few times within a second. */
const mostLoads = 4
/** The second is said of a load that begins while Chromium still shows the error of the one before. */
const droppedLoad = /net::ERR_NETWORK_CHANGED|interrupted by another navigation to "chrome-error:/

/** Begins the load of a page anew where Chromium dropped it for that same reason, as a person would. */
function loadAgain(page: Page): void {
  if (loading.has(page)) return // a page that tests share
  loading.add(page)
  const goto = page.goto.bind(page)
  page.goto = async (...to) => {
    for (let load = 1; ; load++) {
      try {
        return await goto(...to)
      } catch (error) {
        if (load === mostLoads || !droppedLoad.test(String(error))) throw error
      }
    }
  }
}

/** Waits until the page has its first answers: no skeleton stands any more. */
export async function settled(page: Page): Promise<void> {
  await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' })
}
