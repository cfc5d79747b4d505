import { type Platform, startPlatform } from '@flotilla/testkit/lab/platform'
import type { FleetOperation } from '@flotilla/protocol'
import type { BrowserContext } from '@playwright/test'
import { dashboard } from '@flotilla/testkit/browser/dashboard'
import { takePictures, twoLooks } from '../../lib/gallery.ts'
import { look } from '../../lib/look.ts'
import { signIn } from '@flotilla/testkit/browser/people'
import { expect, test } from '../../fixtures.ts'

// A fleet of a thousand in memory: what is looked at is that each of them is told.

let fleet: Platform
let context: BrowserContext
test.beforeAll(async ({ browser }) => {
  fleet = await startPlatform({ dashboard, fake: 1000 })
  context = await browser.newContext({
    baseURL: fleet.url,
    ...look,
    storageState: await signIn(browser, fleet, fleet.admin),
  })
})
test.afterAll(async () => {
  await context.close()
  await fleet.close()
})

test('of a thousand that match each is told what became of it, loaded or not', { tag: '@long' }, async ({
  complaints,
}) => {
  test.setTimeout(180_000)
  complaints.watch(context)
  const page = await context.newPage()
  await page.goto('/containers')
  await expect(page.getByText('1,000 containers')).toBeVisible()
  await page.getByRole('checkbox', { name: 'Select all rows that are loaded' }).check()
  const bar = page.getByRole('toolbar', { name: 'Actions for the selected containers' })
  await expect(bar).toContainText('500 selected')
  await bar.getByRole('button', { name: 'Select all 1,000 that match' }).click()
  await expect(bar).toContainText('All 1,000 that match')
  await takePictures(page, 'bulk-select-all', twoLooks)
  await bar.getByRole('button', { name: 'Remove' }).click()
  const dialog = page.getByRole('dialog', { name: 'Remove 1,000 containers?' })
  await expect(dialog).toContainText('700 of them run')
  await dialog.getByRole('button', { name: 'Stop and remove' }).click()
  await expect(dialog).toHaveCount(0, { timeout: 2000 })
  await expect(page.getByRole('group', { name: 'Removing 1,000 containers' })).toContainText('of 1,000')
  await expect(page.getByRole('region', { name: 'Messages' })).toContainText('1,000 containers removed', {
    timeout: 120_000,
  })
  await expect(page.getByText('No containers yet')).toBeVisible()

  const { body } = await fleet.rest<FleetOperation[]>('GET', '/operations')
  const all = body.filter(({ kind }) => kind === 'bulk')
  expect(all).toMatchObject([{ state: 'succeeded', counts: { total: 1000, ended: 1000, failed: 0, cancelled: 0 } }])
  await page.reload()
  await page.getByRole('button', { name: /^Activity/ }).click()
  const tray = page.getByRole('dialog', { name: 'Activity' })
  await tray.getByRole('button', { name: 'Show each one' }).click()
  const items = tray.getByRole('list', { name: 'What became of each' }).getByRole('listitem')
  await expect(items.first()).toHaveAttribute('aria-setsize', '1000')
  await items.first().hover()
  await expect(async () => {
    await page.mouse.wheel(0, 100_000)
    await expect(items.last()).toHaveAttribute('aria-posinset', '1000', { timeout: 1000 })
  }).toPass()
  await expect(items.last()).toContainText('done')
  await page.close()
})
