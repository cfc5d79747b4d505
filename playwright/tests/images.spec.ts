import { expect, starter, test } from '../fixtures.ts'

test('a pull shows its layers as they come, and the image is in the list without a reload', async ({
  page,
  registry,
  platform,
}) => {
  await page.goto('/images')
  await page.getByRole('button', { name: 'Pull an image' }).click()
  const dialog = page.getByRole('dialog', { name: 'Pull an image' })
  await dialog.getByLabel('Reference').fill(registry.images.slow)
  await dialog.getByRole('button', { name: 'Pull', exact: true }).click()
  const layers = dialog.getByRole('list', { name: 'Layers' }).getByRole('listitem')
  await expect(layers).toHaveCount(4)
  await expect(dialog.getByRole('progressbar').first()).toBeVisible()
  await expect(dialog.getByText('24.0')).not.toHaveCount(0)
  await expect(dialog.getByText(/demo\/slow:1 is on/)).toBeVisible({ timeout: 30_000 })
  await page.keyboard.press('Escape')
  await expect(page.getByRole('row', { name: registry.images.slow })).toBeVisible()

  await page.getByRole('row', { name: registry.images.slow }).getByRole('checkbox').check()
  await page.getByRole('toolbar').getByRole('button', { name: 'Remove' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await expect(page.getByText(/freed/)).toBeVisible()
  await expect(page.getByRole('row', { name: registry.images.slow })).toHaveCount(0)
  const { body } = await platform.rest<{ total: number }>('GET', '/images?search=slow')
  expect(body.total).toBe(0)
})

test('an image in use says so, and is removed only by force', async ({ page, run, registry, platform, hostId }) => {
  await platform.rest('POST', `/hosts/${hostId}/images/pull`, { reference: registry.images.web })
  const container = await run({ name: 'keeper', image: registry.images.web })
  await page.goto('/images')
  await page.getByRole('button', { name: `Actions for ${registry.images.web}` }).click()
  await page.getByRole('menuitem', { name: 'Remove' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('Stays: 1 container uses it')
  await expect(dialog.getByRole('button', { name: 'Remove' })).toBeDisabled()
  await dialog.getByRole('checkbox').check()
  await dialog.getByRole('button', { name: 'Remove' }).click()
  await expect(dialog).toHaveCount(0)
  await expect(page.getByRole('row', { name: registry.images.web })).toHaveCount(0)
  const { body } = await platform.rest('GET', `/containers/${container.id}`)
  expect(body).toMatchObject({ state: 'running' })
})

test('search, the filter by use and sorting are the address; an image shows its layers, its start and its users', async ({
  page,
  run,
  registry,
  platform,
  hostId,
}) => {
  await platform.rest('POST', `/hosts/${hostId}/images/pull`, { reference: registry.images.layers })
  await run({ name: 'layered', image: registry.images.layers })
  await run({ name: 'user-of-starter' })
  await page.goto('/images')
  await page.getByRole('searchbox', { name: 'Search images' }).fill('starter')
  await expect(page).toHaveURL(/q=starter/)
  await page.getByRole('button', { name: 'Use', exact: true }).click()
  await page.getByRole('menuitemcheckbox', { name: /Not in use/ }).click()
  await expect(page.getByText('No image matches')).toBeVisible()
  await page.getByRole('button', { name: 'Clear the filters' }).click()
  await expect(page.getByRole('row', { name: starter.replace(':latest', '') })).toBeVisible()
  await page.getByRole('columnheader', { name: 'Size' }).getByRole('button').click()
  await expect(page).toHaveURL(/sort=size/)

  await page.getByRole('link', { name: registry.images.layers }).click()
  await expect(page.getByRole('heading', { level: 2, name: registry.images.layers })).toBeVisible()
  await expect(page.getByRole('group', { name: 'Layers by size' }).getByRole('button')).toHaveCount(10)
  await expect(page.getByRole('button', { name: 'step 7', exact: true })).toBeVisible()
  await expect(page.getByRole('link', { name: 'layered' })).toBeVisible()
  await page.getByRole('button', { name: /^1: web server/ }).click()
  await expect(page.getByText(/sha256:[0-9a-f]{64}/).first()).toBeVisible()
})
