/// <reference lib="dom" />
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { expect, expectAccessible } from '../fixtures.ts'
import { root } from '@flotilla/testkit/browser/dashboard'
import { settled } from './watch-page.ts'

/**
 * In the long run every look of a page, with its picture; otherwise one of two, which between them have both themes and widths:
 * half of the pages have the one, half the other, and a page in an unusual state the narrow one.
 */
export const isFull = process.env['FLOTILLA_LONG'] === '1' || process.env['FLOTILLA_GALLERY'] !== undefined

/** For titles of tests that show whole pages. */
export const inLooks = isFull ? 'in both themes and every width' : 'each in one theme and width'

/** Where the pictures go; they are looked at by a person. */
const folder = process.env['FLOTILLA_GALLERY'] ?? join(root, 'playwright/results/gallery')

const sizes = {
  1440: { width: 1440, height: 900 },
  1024: { width: 1024, height: 768 },
  390: { width: 390, height: 844 },
} as const

interface Look {
  theme: 'dark' | 'light'
  width: keyof typeof sizes
  /** What axe looks at: where only the theme has changed, only what colours can break. */
  axe?: 'all' | 'colours'
}

/** Each differs from the one before in one thing, so that a page is switched in place, as a person may do it. */
const everyLook: readonly Look[] = [
  { theme: 'dark', width: 1440, axe: 'all' },
  { theme: 'light', width: 1440, axe: 'colours' },
  { theme: 'light', width: 1024 },
  { theme: 'light', width: 390, axe: 'all' },
  { theme: 'dark', width: 390, axe: 'colours' },
]

/** Of a page in an unusual state: one that is shown in every look when all is well. */
export const twoLooks: readonly Look[] = [
  { theme: 'dark', width: 1440, axe: 'all' },
  { theme: 'light', width: 390, axe: 'all' },
]

/** Of each run, by the page's name. */
function oneLook(name: string, looks: readonly Look[]): readonly Look[] {
  const at = looks === everyLook ? Buffer.from(name).reduce((sum, byte) => sum + byte, 0) % 2 : 1
  return twoLooks.slice(at, at + 1)
}

/**
 * The open page in each look, with a picture of it in the long run, where axe finds nothing and nothing is wider than the screen. The page must follow
 * the system's theme, and ends as it began: dark, 1440 px wide.
 */
export async function takePictures(page: Page, name: string, looks = everyLook): Promise<void> {
  if (isFull) await mkdir(folder, { recursive: true })
  for (const { theme, width, axe } of isFull ? looks : oneLook(name, looks)) {
    await page.setViewportSize(sizes[width])
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme)
    await settled(page)
    await drawn(page)
    if (axe !== undefined) await expectAccessible(page, axe)
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    expect(wider, `${name} at ${width} px is wider than the screen`).toBeLessThanOrEqual(0)
    if (isFull) await page.screenshot({ path: join(folder, `${name}-${theme}-${width}.png`) })
  }
  await page.setViewportSize(sizes[1440])
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
}

/** Until what follows a new size or theme has been drawn: observers, then the frame after them. */
async function drawn(page: Page): Promise<void> {
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(null)))),
  )
}
