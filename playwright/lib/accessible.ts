/// <reference lib="dom" />
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, type Page } from '@playwright/test'
import type axe from 'axe-core'

const script = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** The rules of axe that depend on colours. */
const colourRules = ['color-contrast', 'link-in-text-block']

/**
 * All that is asked for is what violates a rule: of the rest axe would describe every element. No rule that runs looks at style
 * sheets, which it would load for that.
 */
const options: axe.RunOptions = { reporter: 'no-passes', selectors: false, preload: { assets: ['media'] } }

/** Axe finds nothing on the page as it is now; with `colours` by the rules alone that a change of the theme can break. */
export async function expectAccessible(page: Page, rules: 'all' | 'colours' = 'all'): Promise<void> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(readFileSync(script, 'utf8'))
  const found = await page.evaluate(
    async (asked) => {
      const { violations } = await window.axe.run(asked)
      return violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map(({ html }) => html.slice(0, 200)) }))
    },
    rules === 'all' ? options : { ...options, runOnly: colourRules },
  )
  expect(found, `axe on ${page.url()}`).toEqual([])
}

declare global {
  interface Window {
    axe: typeof axe
  }
}
