/// <reference lib="dom" />
import type { Page } from '@playwright/test'
import { containerPage } from '../lib/container-page.ts'
import { expect, test } from '../fixtures.ts'

// As somebody meets it who has not asked for less motion.
test.use({ contextOptions: { reducedMotion: 'no-preference' } })

/** Tab until something has the focus, as somebody without a mouse does. */
async function tabTo(page: Page, name: RegExp, most = 60): Promise<void> {
  for (let step = 0; step < most; step += 1) {
    await page.keyboard.press('Tab')
    const text = await page.evaluate(() => {
      const element = document.activeElement
      const labelled = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : undefined
      return element?.getAttribute('aria-label') ?? labelled ?? element?.textContent ?? ''
    })
    if (name.test(text)) return
  }
  throw new Error(`Tab never came to ${name.source}`)
}

test('the main job by keyboard alone', async ({ page }) => {
  test.setTimeout(120_000)
  await page.goto('/')
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
  await page.keyboard.press('n')
  await expect(page.getByRole('combobox', { name: 'Image' })).toBeFocused()
  await page.keyboard.type('starter')
  await expect(page.getByRole('option', { name: /flotilla\.local\/starter/ })).toBeVisible()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('combobox', { name: 'Image' })).toHaveValue('flotilla.local/starter')
  await tabTo(page, /^Name/)
  await page.keyboard.type('by-keyboard')
  await page.keyboard.press('Control+Enter')
  await expect(containerPage.log(page, 'by-keyboard')).toContainText('Serving /www')

  await tabTo(page, /^Terminal$/)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('status').filter({ hasText: 'Connected' })).toBeVisible()
  await page.keyboard.type('echo typed-$((20 + 3))')
  await page.keyboard.press('Enter')
  await expect(containerPage.terminal(page, 'by-keyboard')).toContainText('typed-23')

  // The way to the list and back by keys of the list alone.
  await page.goto('/containers')
  const row = page.getByRole('row', { name: 'by-keyboard' })
  await expect(row).toBeVisible()
  await page.keyboard.press('/')
  await page.keyboard.type('by-keyboard')
  await page.keyboard.press('Enter')
  await expect(row).toBeFocused()
  await page.keyboard.press('.')
  await expect(page.getByRole('menuitem', { name: 'Stop' })).toBeVisible()
  await page.keyboard.type('st')
  await expect(page.getByRole('menuitem', { name: 'Stop' })).toBeFocused()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog')
  await expect(dialog.or(row.getByText('Exited'))).toBeVisible()
  if (await dialog.isVisible()) await page.keyboard.press('Enter')
  await expect(row).toContainText('Exited')
  await row.focus()
  await page.keyboard.press('x')
  await page.keyboard.press('.')
  await page.getByRole('menuitem', { name: 'Remove' }).focus()
  await page.keyboard.press('Enter')
  await expect(dialog).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(row).toHaveCount(0)
})
