import { type Platform, startPlatform } from '@flotilla/testkit/lab/platform'
import type { Page } from '@playwright/test'
import { confirmStop, containerPage, typeLine } from '../../lib/container-page.ts'
import { dashboard } from '@flotilla/testkit/browser/dashboard'
import { look } from '../../lib/look.ts'
import { expect, test } from '../../fixtures.ts'

let fresh: Platform
test.beforeAll(async () => {
  fresh = await startPlatform({ dashboard, fresh: true })
})
test.afterAll(() => fresh.close())

test('from the printed link to a container that ran, was watched, typed into, measured, stopped and removed', async ({
  browser,
  complaints,
}) => {
  test.setTimeout(120_000)
  const context = await browser.newContext({ ...look, reducedMotion: 'no-preference' })
  complaints.watch(context)
  const page = await context.newPage()

  await page.goto(fresh.setupLink)
  await page.getByLabel('Your name').fill('Grace')
  await page.getByLabel('E-mail').fill('grace@example.org')
  await page.getByLabel('Password', { exact: true }).fill('a quiet harbour')
  await page.getByRole('button', { name: 'Create the account' }).click()

  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
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

  await page.goto(`${fresh.url}/containers`)
  const row = page.getByRole('row', { name: 'web', exact: true })
  await row.getByRole('checkbox').check()
  await page.getByRole('toolbar').getByRole('button', { name: 'Remove' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await expect(page.getByText('No containers yet')).toBeVisible()
  await context.close()
})

/** Where the page says that the container can be reached. */
async function publishedPort(page: Page): Promise<{ hostPort: number }> {
  const link = page
    .getByRole('main')
    .getByRole('link', { name: /→\s*80$/ })
    .first()
  const address = await link.getAttribute('href')
  return { hostPort: Number(new URL(address ?? '').port) }
}
