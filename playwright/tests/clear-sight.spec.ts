import type { Locator, Page } from '@playwright/test'
import { expect, starter, test } from '../fixtures.ts'

const sizes = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
] as const

/** Whether any toast that is shown lies on the element, once it has come to rest there. */
async function isCovered(page: Page, element: Locator): Promise<boolean> {
  const box = await element.boundingBox()
  if (box === null) throw new Error('It is not on the page')
  const toasts = await page.locator('[data-toast]').all()
  const boxes = await Promise.all(toasts.map((each) => each.boundingBox()))
  return boxes.some(
    (toast) =>
      toast !== null &&
      toast.x < box.x + box.width &&
      box.x < toast.x + toast.width &&
      toast.y < box.y + box.height &&
      box.y < toast.y + toast.height,
  )
}

test('a toast lies neither on the button that runs, nor on one of a dialog, nor on the tray', async ({
  page,
  complaints,
}) => {
  complaints.expect(/ERR_FAILED/)
  await page.route('**/sign-out', (route) => route.abort())
  await page.goto('/containers')
  await page.getByRole('button', { name: 'Ada account' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page.locator('[data-toast]')).toBeVisible()
  await page.getByRole('button', { name: 'Run', exact: true }).first().click()
  await expect(page.getByRole('button', { name: 'Paste one' })).toBeVisible()
  for (const size of sizes) {
    await page.setViewportSize(size)
    await expect.poll(() => isCovered(page, page.getByRole('button', { name: /^Run/ }))).toBe(false)
    await page.getByRole('button', { name: 'Paste one' }).click()
    const dialog = page.getByRole('dialog', { name: 'Paste a docker run line' })
    await dialog.getByRole('textbox').fill(`docker run ${starter}`)
    await expect.poll(() => isCovered(page, dialog.getByRole('button', { name: 'Fill the form' }))).toBe(false)
    await dialog.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('button', { name: /^Activity/ }).click()
    const tray = page.getByRole('dialog', { name: 'Activity' })
    await expect.poll(() => isCovered(page, tray.getByRole('group', { name: 'Activity' }))).toBe(false)
    await tray.getByRole('button', { name: 'Close' }).first().click()
    await expect(page.locator('[data-toast]')).toHaveCount(1)
  }
})

test('on a phone small buttons with words are as high as a finger needs', async ({ page, run }) => {
  await page.setViewportSize(sizes[1])
  const { id } = await run({ name: 'high-buttons' })
  for (const [path, name] of [
    ['/containers/new', 'Paste one'],
    [`/containers/${id}`, 'Publish a port'],
  ] as const) {
    await page.goto(path)
    await expect(page.getByRole('button', { name })).toBeVisible()
    expect((await page.getByRole('button', { name }).boundingBox())?.height).toBeGreaterThanOrEqual(40)
  }
})
