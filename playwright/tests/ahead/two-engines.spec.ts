import { type Platform, startPlatform } from '@flotilla/testkit/lab/platform'
import type { BrowserContext, Page } from '@playwright/test'
import { makeTestDaemon, type TestDaemon } from '@flotilla/testkit/docker-daemon'
import { containerPage } from '../../lib/container-page.ts'
import { dashboard } from '@flotilla/testkit/browser/dashboard'
import { takePictures, twoLooks } from '../../lib/gallery.ts'
import { look } from '../../lib/look.ts'
import { signIn } from '@flotilla/testkit/browser/people'
import { expect, starter, test } from '../../fixtures.ts'

// A host with a Docker daemon beside the native engine, whose store lies on a disk of 64 MiB.

let daemon: TestDaemon
let platform: Platform
let context: BrowserContext
test.beforeAll(async ({ browser }) => {
  test.setTimeout(120_000)
  daemon = await makeTestDaemon()
  platform = await startPlatform({ dashboard, docker: daemon.socketPath, storeBytes: 64 * 1024 * 1024 })
  context = await browser.newContext({
    baseURL: platform.url,
    ...look,
    storageState: await signIn(browser, platform, platform.admin),
  })
})
test.afterAll(async () => {
  await context?.close()
  await platform?.close()
  await daemon?.remove()
})

const engines = { native: 'Flotilla', docker: 'Docker Engine' } as const

async function runOn(page: Page, engine: keyof typeof engines): Promise<void> {
  const name = `on-${engine}`
  await page.goto('/containers/new')
  const choice = page.getByLabel('Engine', { exact: true })
  const option = choice.getByRole('option', { name: engines[engine] })
  await choice.selectOption((await option.textContent()) ?? '')
  await page.getByRole('combobox', { name: 'Image' }).fill(starter)
  await expect(page.getByText(/Nothing to pull/)).toBeVisible()
  await page.getByRole('textbox', { name: /^Name/ }).fill(name)
  await page.getByRole('button', { name: /^Run/ }).click()
  await expect(containerPage.title(page, name)).toBeVisible()
  await expect(containerPage.log(page, name)).toContainText('Serving /www on port 80')
}

test('the same image runs on both engines, from the form to the logs, in one list, until both are removed at once', async ({
  complaints,
}) => {
  test.setTimeout(90_000)
  complaints.watch(context)
  const page = await context.newPage()
  await runOn(page, 'native')
  await runOn(page, 'docker')

  await page.goto('/containers')
  const list = page.getByRole('grid', { name: 'Containers' })
  const native = list.getByRole('row', { name: 'on-native' })
  const docker = list.getByRole('row', { name: 'on-docker' })
  await expect(native.getByRole('gridcell').filter({ hasText: /\sFlotilla$/ })).toBeVisible()
  await expect(docker.getByRole('gridcell').filter({ hasText: /\sDocker Engine$/ })).toBeVisible()
  for (const row of [native, docker]) await expect(row).toContainText('Running')
  await takePictures(page, 'containers-engines', twoLooks)

  await page.getByRole('main').getByRole('button', { name: 'Engine' }).first().click()
  await page.getByRole('menuitemcheckbox', { name: engines.docker }).click()
  await expect(page).toHaveURL(/engine=docker/)
  await expect(native).toHaveCount(0)
  await expect(docker).toBeVisible()
  await page.getByRole('button', { name: 'Clear the filter Engine' }).click()
  await expect(native).toBeVisible()

  await list.getByRole('checkbox', { name: 'Select all rows that are loaded' }).check()
  const bar = page.getByRole('toolbar', { name: 'Actions for the selected containers' })
  await expect(bar).toContainText('2 selected')
  await bar.getByRole('button', { name: 'Stop' }).click()
  await page.getByRole('dialog', { name: 'Stop 2 containers?' }).getByRole('button', { name: 'Stop' }).click()
  for (const row of [native, docker]) await expect(row).toContainText('Exited')
  // What was stopped is still chosen.
  await bar.getByRole('button', { name: 'Remove' }).click()
  await page.getByRole('dialog', { name: 'Remove 2 containers?' }).getByRole('button', { name: 'Remove' }).click()
  await expect(page.getByText('No containers yet')).toBeVisible()
  expect(await daemon.cli('ps', '--all', '--quiet')).toBe('')
  await page.close()
})

test('a full disk is told at the image, and nothing of it stays', async ({ complaints, registry }) => {
  test.setTimeout(120_000)
  complaints.watch(context)
  const page = await context.newPage()
  await page.goto('/containers/new')
  await page.getByRole('combobox', { name: 'Image' }).fill(registry.images.slow) // 96 MiB
  await page.getByRole('textbox', { name: /^Name/ }).fill('too-large')
  await page.getByRole('button', { name: /^Run/ }).click()
  const note = page.getByRole('alert').filter({ hasText: "The host's disk is full." })
  await expect(note).toContainText('remove images or containers that are not needed, or enlarge the disk')
  await expect(note).toContainText('RESOURCE_EXHAUSTED')
  const { body } = await platform.rest<{ items: { references: string[] }[] }>('GET', '/images?engine=oci')
  expect(body.items.map(({ references }) => references)).toEqual([[starter]])
  expect((await platform.rest<{ total: number }>('GET', '/containers')).body.total).toBe(0)
  await page.close()
})
