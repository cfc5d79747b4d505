import type { FleetVolume } from '@flotilla/protocol'
import { takePictures } from '../lib/gallery.ts'
import { expect, expectAccessible, starter, test as base } from '../fixtures.ts'

/** Makes a volume by the API; it is removed after the test, with what was made from it. */
const test = base.extend<{ volume: (name: string, labels?: Record<string, string>) => Promise<FleetVolume> }>({
  volume: async ({ platform, hostId }, use) => {
    await use(async (name, labels = {}) => {
      const { status, body, text } = await platform.rest<FleetVolume>('POST', `/hosts/${hostId}/volumes`, {
        name,
        labels,
      })
      expect(status, text).toBe(200)
      return body
    })
    const { body } = await platform.rest<{ items: FleetVolume[] }>('GET', '/volumes')
    for (const { id } of body.items) await platform.rest('DELETE', `/volumes/${id}`)
  },
})

const mount = (source: string, target = '/data') => ({ mounts: [{ type: 'volume', source, target }] })

test('a volume is made by a click, is in the list at once and opens', async ({ page, volume }) => {
  await volume('there-already')
  await page.goto('/volumes')
  await page.getByRole('button', { name: 'Create volume' }).click()
  const dialog = page.getByRole('dialog', { name: 'Create a volume' })
  await dialog.getByLabel('Name').fill('orders-data')
  await dialog.getByLabel('Labels').fill('team=harbour')
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Create', exact: true }).click()
  await expect(dialog).toHaveCount(0)
  const row = page.getByRole('row', { name: 'orders-data' })
  await expect(row).toContainText('team=harbour')
  await row.click()
  await expect(page.getByRole('heading', { level: 2, name: 'orders-data' })).toBeVisible()
  await expect(page.getByText('No container uses it.')).toBeVisible()
})

test('a name that is taken is refused in the dialog, which keeps what was written', async ({ page, volume }) => {
  await volume('taken')
  await page.goto('/volumes?create=1')
  const dialog = page.getByRole('dialog', { name: 'Create a volume' })
  await dialog.getByLabel('Name').fill('taken')
  await dialog.getByRole('button', { name: 'Create', exact: true }).click()
  await expect(dialog.getByRole('alert')).toContainText('The volume was not created')
  await expect(dialog.getByLabel('Name')).toHaveValue('taken')
})

test('the list is narrowed by use and by label, in the address', async ({ page, volume, run }) => {
  await volume('logs-data', { team: 'ops' })
  await volume('idle-data')
  await run({ name: 'logs-user', ...mount('logs-data') })
  await page.goto('/volumes')
  await page.getByRole('button', { name: 'Use', exact: true }).click()
  await page.getByRole('menuitemcheckbox', { name: /Not in use/ }).click()
  await expect(page).toHaveURL(/use=unused/)
  await expect(page.getByRole('row', { name: 'idle-data' })).toBeVisible()
  await expect(page.getByRole('row', { name: 'logs-data' })).toHaveCount(0)
  await page.getByRole('button', { name: 'Clear the filter Use' }).click()
  await page.getByRole('button', { name: 'Label', exact: true }).click()
  await page.getByRole('menuitemcheckbox', { name: /team=ops/ }).click()
  await expect(page).toHaveURL(/label=team%3Dops/)
  await expect(page.getByRole('row', { name: 'idle-data' })).toHaveCount(0)
  await expect(page.getByRole('row', { name: 'logs-data' })).toBeVisible()
})

test('by keys alone: found, peeked at, cloned, renamed and removed', async ({ page, volume }) => {
  await volume('alpha')
  await volume('beta')
  await page.goto('/volumes')
  await expect(page.getByRole('row', { name: 'alpha' })).toBeVisible()
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await expect(page.getByRole('row', { name: 'beta' })).toBeFocused()
  await page.keyboard.press(' ')
  await expect(page.getByRole('group', { name: 'Details of beta' })).toBeVisible()
  await page.keyboard.press(' ')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await page.keyboard.press('.')
  await expect(page.getByRole('menu')).toBeVisible()
  await page.keyboard.press('c')
  await page.keyboard.press('Enter')
  const clone = page.getByRole('dialog', { name: 'Clone beta' })
  await expect(clone.getByLabel('Name of the copy')).toBeFocused()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type('gamma')
  await page.keyboard.press('Enter')
  await expect(clone).toHaveCount(0)
  const copy = page.getByRole('row', { name: 'gamma' })
  await expect(copy).toBeVisible()
  await copy.focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 2, name: 'gamma' })).toBeVisible()
  await page.getByRole('button', { name: 'Rename' }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog').getByLabel('New name')).toBeFocused()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type('delta')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 2, name: 'delta' })).toBeVisible()
  await page.getByRole('button', { name: 'Remove' }).focus()
  await page.keyboard.press('Enter')
  await expect(
    page.getByRole('dialog', { name: 'Remove delta?' }).getByRole('button', { name: 'Remove' }),
  ).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/volumes$/)
  await expect(page.getByRole('row', { name: 'delta' })).toHaveCount(0)
})

test('a volume says who uses it and stays while it is used', async ({ page, volume, run }) => {
  const { id } = await volume('shop-data')
  await run({ name: 'shop', ...mount('shop-data', '/var/shop') })
  await page.goto(`/volumes/${id}`)
  const users = page.getByRole('region', { name: 'Used by' }).or(page.locator('section', { hasText: 'Used by' }))
  await expect(users.getByRole('link', { name: 'shop' })).toBeVisible()
  await expect(users).toContainText('/var/shop')
  await page.getByRole('button', { name: 'Remove' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('Stays: 1 container uses it')
  await expect(dialog.getByRole('button', { name: 'Remove' })).toBeDisabled()
  await page.keyboard.press('Escape')
  await users.getByRole('link', { name: 'shop' }).click()
  await expect(page.getByRole('heading', { level: 2, name: 'shop' })).toBeVisible()
  await expect(page).toHaveURL(/\/containers\//)
})

test('its size is measured when somebody asks, and only then', async ({ page, volume, run, platform }) => {
  const { id } = await volume('big-data')
  await run({
    name: 'filler',
    image: starter,
    command: ['dd', 'if=/dev/zero', 'of=/data/file', 'bs=1M', 'count=3'],
    ...mount('big-data'),
  })
  await page.goto(`/volumes/${id}`)
  await expect(page.getByText('Not measured yet')).toBeVisible()
  await expect
    .poll(async () => (await platform.rest('GET', `/volumes/${id}/size`)).body['sizeBytes'])
    .toBeGreaterThan(3_000_000)
  await page.getByRole('button', { name: 'Measure' }).click()
  await expect(page.getByText(/measured just now|measured \d+s ago/)).toBeVisible()
  await expect(page.getByText('3.0')).toBeVisible()
})

test('a prune takes exactly what it listed', async ({ page, volume, run, platform }) => {
  await volume('old-one')
  await volume('old-two')
  await volume('live-one')
  await run({ name: 'live', ...mount('live-one') })
  await page.goto('/volumes')
  await page.getByRole('button', { name: 'Remove unused' }).click()
  const dialog = page.getByRole('dialog', { name: 'Remove unused volumes' })
  await expect(dialog).toContainText('no unused volumes without a name')
  await dialog.getByRole('button', { name: 'All unused' }).click()
  const list = dialog.getByRole('list', { name: 'What would be removed' })
  await expect(list.getByRole('listitem')).toHaveCount(2)
  await expectAccessible(page)
  await volume('came-later')
  await dialog.getByRole('button', { name: 'Remove all 2' }).click()
  await expect(page.getByText(/2 volumes removed/)).toBeVisible()
  const { body } = await platform.rest<{ items: FleetVolume[] }>('GET', '/volumes')
  expect(body.items.map(({ name }) => name).sort()).toEqual(['came-later', 'live-one'])
})

test('a viewer sees volumes, and why they may not change them', async ({ pageAs, volume }) => {
  const { id } = await volume('seen')
  const page = await pageAs('viewer')
  await page.goto('/volumes')
  await page.getByRole('button', { name: 'Create volume' }).hover()
  await expect(page.getByRole('tooltip')).toContainText('volumes.create')
  await page.goto(`/volumes/${id}`)
  await expect(page.getByRole('button', { name: 'Remove' })).toHaveAttribute('aria-disabled', 'true')
})

test('the pages of volumes, in both themes and every width', async ({ page, volume, run }) => {
  const { id } = await volume('orders-data', { team: 'harbour', stage: 'production' })
  await volume('uploads')
  await volume('cache', { team: 'ops' })
  await run({ name: 'orders', ...mount('orders-data', '/var/lib/orders') })
  await page.goto('/volumes')
  await expect(page.getByRole('row', { name: 'orders-data' })).toContainText('1')
  await takePictures(page, 'volumes')
  await page.goto('/volumes?create=1')
  await expect(page.getByRole('dialog').getByLabel('Name')).toBeVisible()
  await takePictures(page, 'volume-create')
  await page.goto('/volumes?prune=1')
  await page.getByRole('button', { name: 'All unused' }).click()
  await expect(page.getByRole('list', { name: 'What would be removed' })).toBeVisible()
  await takePictures(page, 'volume-prune')
  await page.goto(`/volumes/${id}`)
  await page.getByRole('button', { name: 'Measure' }).click()
  await expect(page.getByText(/measured/)).toBeVisible()
  await takePictures(page, 'volume')
})

test('nothing there yet is said in a sentence with a way on', async ({ page }) => {
  await page.goto('/volumes')
  await expect(page.getByText('No volumes yet')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Create volume' })).toHaveCount(2)
  await expectAccessible(page)
})
