import { type Platform, startPlatform } from '@flotilla/testkit/lab/platform'
import type { Page } from '@playwright/test'
import { confirmStop, containerPage, typeLine } from '../../lib/container-page.ts'
import { dashboard } from '@flotilla/testkit/browser/dashboard'
import { look } from '../../lib/look.ts'
import { expect, expectAccessible, test } from '../../fixtures.ts'

let fresh: Platform
test.beforeAll(async () => {
  fresh = await startPlatform({ dashboard, fresh: true })
})
test.afterAll(() => fresh.close())

test('from the printed link, which makes one owner, to a container that ran, was watched, typed into, measured, stopped and removed', async ({
  browser,
  complaints,
}) => {
  test.setTimeout(120_000)
  const context = await browser.newContext({ ...look, baseURL: fresh.url })
  complaints.watch(context)
  const page = await context.newPage()
  await becomeOwner(page)
  await page.emulateMedia({ reducedMotion: 'no-preference' })

  await page.getByRole('link', { name: 'Containers' }).first().click()
  await page.getByRole('main').getByRole('button', { name: 'Run' }).first().click()

  await expect(page.getByRole('combobox', { name: 'Image' })).toBeFocused()
  await page.getByRole('button', { name: 'flotilla.local/starter' }).click()
  await page.getByRole('button', { name: 'Publish 80/tcp' }).click()
  await page.getByLabel('Name', { exact: false }).first().fill('web')
  await expect(page.getByLabel('As docker run')).toContainText('--publish 80')
  await page.getByRole('button', { name: /^Run/ }).click()

  await expect(containerPage.title(page, 'web')).toBeVisible()
  await expect(containerPage.log(page, 'web')).toContainText('Serving /www on port 80')
  const { hostPort } = await publishedPort(page)
  expect(await (await fetch(`http://127.0.0.1:${hostPort}/`)).text()).toContain('It runs.')
  await expect(containerPage.log(page, 'web')).toContainText('response:200')

  await containerPage.tab(page, 'Terminal').click()
  await typeLine(page, 'web', 'echo $((6 * 7))-here')
  await expect(containerPage.terminal(page, 'web')).toContainText('42-here')

  await containerPage.tab(page, 'Usage').click()
  await expect(page.getByRole('img', { name: /^Memory, now \d/ })).toBeVisible()

  await page.getByRole('button', { name: 'Stop', exact: true }).click()
  await confirmStop(page)
  await expect(page.getByText('Exited').first()).toBeVisible()

  await page.goto('/containers')
  const row = page.getByRole('row', { name: 'web', exact: true })
  await row.getByRole('checkbox').check()
  await page.getByRole('toolbar').getByRole('button', { name: 'Remove' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await expect(page.getByText('No containers yet')).toBeVisible()

  await page.goto(fresh.setupLink)
  await expect(page.getByRole('heading', { name: 'This is set up already' })).toBeVisible()
  await context.close()
})

/** By the printed link, after every other way to that has said what to do. */
async function becomeOwner(page: Page): Promise<void> {
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
  await page.getByRole('button', { name: 'Create the account' }).click()
  await expect(page.getByText('5 characters more')).toBeVisible()
  await page.getByLabel('Password', { exact: true }).fill('a quiet harbour')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
  await expect(page.getByText('Nothing is wrong.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Run a container' })).toBeVisible()
}

/** Where the page says that the container can be reached. */
async function publishedPort(page: Page): Promise<{ hostPort: number }> {
  const link = page
    .getByRole('main')
    .getByRole('link', { name: /→\s*80$/ })
    .first()
  const address = await link.getAttribute('href')
  return { hostPort: Number(new URL(address ?? '').port) }
}
