import { type ComponentType, type LazyExoticComponent, lazy } from 'react'

const firstWaitMs = 500
const longestWaitMs = 8000
/** When the page was last loaded anew for a piece that its server no longer has: not again so soon. */
const reloadedKey = 'flotilla.reloaded'
const notAgainMs = 60_000

/** Code that the page needs and its server no longer has: only loading the page anew may bring it. */
export class MissingCode extends Error {
  override readonly name = 'MissingCode'
}

/**
 * A component whose code is fetched when it is first shown. While the control plane is away the code is asked for again until it
 * comes, and nothing of the page goes. A control plane that answers and has no such file is a newer one: the page is loaded anew,
 * once; what fails then is thrown.
 */
export function lazily<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): LazyExoticComponent<ComponentType<Props>> {
  return lazy(async () => ({ default: await loaded(load) }))
}

/** The same, as a promise. `isThere` says whether the control plane answers, and `renew` loads the page anew where that may help. */
export async function loaded<Value>(
  load: () => Promise<Value>,
  { isThere = answers, renew = reloadOnce, wait = sleep } = {},
): Promise<Value> {
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
    try {
      return await load()
    } catch (error) {
      // Asked before the last try, so that one that came back between the two is not taken for a newer one.
      if (await isThere()) return await load().catch(() => renew(error))
    }
    await wait(waitMs)
  }
}

async function answers(): Promise<boolean> {
  try {
    return (await fetch('/healthz', { cache: 'no-store' })).ok
  } catch {
    return false
  }
}

function reloadOnce(error: unknown): Promise<never> {
  // A time ahead of now was written before the clock was set back.
  if (Math.abs(Date.now() - Number(sessionStorage.getItem(reloadedKey))) < notAgainMs) {
    throw new MissingCode('A part of the page is not on the server.', { cause: error })
  }
  sessionStorage.setItem(reloadedKey, String(Date.now()))
  location.reload()
  return new Promise(() => undefined)
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
