import type { Page } from '@playwright/test'
import { expect, expectAccessible, test } from '../fixtures.ts'
import { takePictures, twoLooks } from '../lib/gallery.ts'

/** From now on answers of this procedure come with `null` in the place of what has that name. */
async function spoil(page: Page, procedure: string, name: string): Promise<() => Promise<void>> {
  const address = new RegExp(`/api/trpc/[^?]*${procedure.replace('.', String.raw`\.`)}`)
  await page.route(address, async (route) => {
    const response = await route.fetch()
    const body = (await response.text()).replaceAll(
      new RegExp(`"${name}":(\\{[^}]*\\}|\\[[^\\]]*\\]|"[^"]*")`, 'g'),
      `"${name}":null`,
    )
    await route.fulfill({ response, body })
  })
  return () => page.unrouteAll({ behavior: 'wait' })
}

test('a page that cannot be drawn says so in its place, and the frame goes on', async ({ page, run, complaints }) => {
  complaints.expect(/Cannot (read|convert)/)
  const { id } = await run({ name: 'broken-page' })
  await page.goto('/volumes')
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  const mend = await spoil(page, 'containers.inspect', 'image')
  await page.goto(`/containers/${id}`)
  const failure = page.getByRole('alert').filter({ hasText: 'This page could not be shown' })
  await expect(failure).toBeVisible()
  await expect(failure.getByText(/^TypeError: Cannot/)).toBeVisible()
  await expect(failure.getByRole('button', { name: 'Try again' })).toBeFocused()
  await takePictures(page, 'page-failure', twoLooks)
  await page.getByRole('button', { name: /^Activity/ }).click()
  await expect(page.getByRole('dialog', { name: 'Activity' })).toBeVisible()
  await page.keyboard.press('Escape')

  await page.getByRole('link', { name: 'Images', exact: true }).click()
  await expect(page.getByRole('grid', { name: 'Images' })).toBeVisible()
  await expect(failure).toHaveCount(0)
  await page.goBack()
  await expect(failure).toBeVisible()
  await mend()
  await failure.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('heading', { level: 2, name: 'broken-page' })).toBeVisible()
  await expect(failure).toHaveCount(0)
})

test('a view that cannot be drawn says so in its place; the page and its other views go on', async ({
  page,
  run,
  complaints,
}) => {
  complaints.expect(/Cannot (read|convert)/)
  const { id } = await run({ name: 'broken-view' })
  const mend = await spoil(page, 'containers.inspect', 'labels')
  await page.goto(`/containers/${id}`)
  const failure = page.getByRole('alert').filter({ hasText: 'This view could not be shown' })
  await expect(failure).toBeVisible()
  await expect(page.getByRole('heading', { level: 2, name: 'broken-view' })).toBeVisible()
  await expect(failure.getByRole('button', { name: 'Try again' })).toBeFocused()
  await takePictures(page, 'view-failure', twoLooks)
  await page.getByRole('link', { name: 'JSON', exact: true }).click()
  await expect(page.getByRole('region', { name: 'All that is known of broken-view' })).toBeVisible()
  await expect(failure).toHaveCount(0)
  await page.goBack()
  await expect(failure).toBeVisible()
  await mend()
  await failure.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('heading', { name: 'Limits' })).toBeVisible()
  await expect(failure).toHaveCount(0)
})

test('a dialog that cannot be drawn says so in its place, and is closed like any other', async ({
  page,
  complaints,
}) => {
  complaints.expect(/Cannot (read|convert)|is not/)
  await page.goto('/volumes')
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  const mend = await spoil(page, 'volumes.prunePreview', 'volumes')
  await page.getByRole('button', { name: 'Remove unused' }).click()
  const failure = page.getByRole('dialog', { name: 'This dialog could not be shown' })
  await expect(failure).toBeVisible()
  await expectAccessible(page)
  await takePictures(page, 'dialog-failure', twoLooks)
  await page.keyboard.press('Escape')
  await expect(failure).toHaveCount(0)
  await expect(page.getByRole('heading', { level: 1, name: 'Volumes' })).toBeVisible()
  await mend()
  await page.getByRole('button', { name: 'Remove unused' }).click()
  await expect(page.getByRole('dialog', { name: 'Remove unused volumes' })).toContainText('no unused volumes')
})

test('the details of a page that cannot be drawn are copied with the place where it broke', async ({
  pageAs,
  run,
  complaints,
}) => {
  complaints.expect(/Cannot (read|convert)/)
  const { id } = await run({ name: 'reported' })
  const page = await pageAs('owner', { permissions: ['clipboard-read', 'clipboard-write'] })
  const mend = await spoil(page, 'containers.inspect', 'labels')
  await page.goto(`/containers/${id}`)
  await page.getByRole('button', { name: 'Copy details' }).click()
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible()
  const details = JSON.parse(await page.evaluate<string>('navigator.clipboard.readText()')) as Record<string, unknown>
  expect(details['code']).toBe('INTERNAL')
  expect(details['message']).toMatch(/^Cannot/)
  expect(details['page']).toContain(`/containers/${id}`)
  expect(details['stack']).toContainEqual(expect.stringContaining('/_next/'))
  await mend()
})

test('a frame that cannot be drawn leaves a sentence and a way on, and is there again when it can', async ({
  page,
  complaints,
}) => {
  complaints.expect(/Cannot (read|convert)/)
  const mend = await spoil(page, 'session.me', 'name')
  await page.goto('/containers')
  await expect(page.getByRole('heading', { level: 1, name: 'Flotilla could not be shown' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Try again' })).toBeFocused()
  await expectAccessible(page)
  await takePictures(page, 'whole-failure', twoLooks)
  await mend()
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('grid', { name: 'Containers' })).toBeVisible()
})
