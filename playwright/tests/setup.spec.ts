import { type Platform, startPlatform } from '@flotilla/testkit/lab/platform'
import { expect, expectAccessible, test } from '../fixtures.ts'
import { look } from '../lib/look.ts'
import { dashboard } from '@flotilla/testkit/browser/dashboard'

let fresh: Platform
test.beforeAll(async () => {
  fresh = await startPlatform({ dashboard, fresh: true })
})
test.afterAll(() => fresh.close())

test('the printed link makes the first owner once, and every other way to that says what to do', async ({
  browser,
  complaints,
}) => {
  const context = await browser.newContext({ ...look, baseURL: fresh.url })
  complaints.watch(context)
  const page = await context.newPage()

  await page.goto('/')
  await expect(page.getByRole('heading', { name: 'Nobody has set this up yet' })).toBeVisible()
  await expectAccessible(page)
  await page.goto('/setup')
  await expect(page.getByRole('heading', { name: 'This link does not work' })).toBeVisible()

  await page.goto(fresh.setupLink)
  await page.reload() // the same path with another hash is no new page
  await expect(page.getByLabel('Your name')).toBeFocused()
  await expectAccessible(page)
  await page.keyboard.type('Grace')
  await page.keyboard.press('Tab')
  await page.keyboard.type('grace@example.org')
  await page.keyboard.press('Tab')
  await page.keyboard.type('short')
  await page.keyboard.press('Enter')
  await expect(page.getByText('5 characters more')).toBeVisible()
  await page.getByLabel('Password', { exact: true }).fill('a quiet harbour')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
  await expect(page.getByText('Nothing is wrong.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Run a container' })).toBeVisible()

  await page.goto(fresh.setupLink)
  await page.reload()
  await expect(page.getByRole('heading', { name: 'This is set up already' })).toBeVisible()
  await context.close()
})
