import type { FleetContainer, FleetNetwork } from '@flotilla/protocol'
import type { Page } from '@playwright/test'
import { expect, expectAccessible, starter } from '../fixtures.ts'
import { containerPage, section } from '../lib/container-page.ts'
import { takePictures } from '../lib/gallery.ts'
import { test as withVolumes } from '../lib/volume-fixture.ts'

/** The networks and containers that the dashboard made go after the test, containers first and then the volumes. */
const test = withVolumes.extend<{ tidy: void }>({
  tidy: [
    async ({ platform, volume: _volume }, use) => {
      await use()
      const containers = await platform.rest<{ items: FleetContainer[] }>('GET', '/containers')
      for (const { id } of containers.body.items) await platform.rest('DELETE', `/containers/${id}?force=true`)
      const networks = await platform.rest<{ items: FleetNetwork[] }>('GET', '/networks')
      for (const { id, isDefault } of networks.body.items)
        if (!isDefault) await platform.rest('DELETE', `/networks/${id}`)
    },
    { auto: true },
  ],
})

async function openForm(page: Page, name: string): Promise<void> {
  await page.goto('/containers/new')
  await page.getByRole('combobox', { name: 'Image' }).fill(starter)
  await expect(page.getByText(/Nothing to pull/)).toBeVisible()
  await page.getByRole('textbox', { name: /^Name/ }).fill(name)
}

test('a volume and a network made on their pages are given to a container by the form, with keys alone', async ({
  page,
}) => {
  await page.goto('/volumes?create=1')
  const volumeDialog = page.getByRole('dialog', { name: 'Create a volume' })
  await volumeDialog.getByLabel('Name').fill('orders-data')
  await volumeDialog.getByRole('button', { name: 'Create', exact: true }).click()
  await expect(page.getByRole('row', { name: 'orders-data' })).toContainText('0')
  await page.goto('/networks?create=1')
  const networkDialog = page.getByRole('dialog', { name: 'Create a network' })
  await networkDialog.getByLabel('Name', { exact: true }).fill('orders-net')
  await networkDialog.getByLabel('IPv4 subnet').fill('10.123.40.0/24')
  await networkDialog.getByLabel('IPv6 subnet').fill('fd12:40::/64')
  await networkDialog.getByRole('button', { name: 'Create', exact: true }).click()
  await expect(page.getByRole('row', { name: 'orders-net' })).toBeVisible()

  await openForm(page, 'orders-db')
  await page
    .getByRole('textbox', { name: 'Command' })
    .fill(`sh -c 'echo harbour > /data/note; echo written; sleep 600'`)
  await section(page, 'Storage').press('Enter')
  await page.getByRole('button', { name: 'Volume', exact: true }).press('Enter')
  await expect(page.getByRole('combobox', { name: 'Volume for mount 1' })).toBeFocused()
  await page.keyboard.type('data')
  await expect(page.getByRole('option', { name: /orders-data/ })).toContainText('not in use')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('combobox', { name: 'Volume for mount 1' })).toHaveValue('orders-data')
  await page.keyboard.press('Tab')
  await page.keyboard.type('/data')
  await section(page, 'Network').press('Enter')
  await page.getByRole('button', { name: 'Network', exact: true }).press('Enter')
  await expect(page.getByRole('combobox', { name: 'Network 1' })).toBeFocused()
  await page.keyboard.type('orders')
  await expect(page.getByRole('option', { name: /orders-net/ })).toContainText('10.123.40.0/24, fd12:40::/64')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  for (const text of ['db orders', '10.123.40.9', 'fd12:40::9']) {
    await page.keyboard.press('Tab')
    await page.keyboard.type(text)
  }
  await expect(page.getByLabel('As docker run')).toContainText('--mount type=volume,source=orders-data,target=/data')
  await expect(page.getByLabel('As docker run')).toContainText('--network-alias orders')
  await expectAccessible(page)
  await page.keyboard.press('Control+Enter')
  await expect(containerPage.log(page, 'orders-db')).toContainText('written')

  await page.goto('/networks')
  await page.getByRole('link', { name: 'orders-net' }).click()
  await expect(page.getByRole('link', { name: 'orders-db' })).toBeVisible()
  await expect(page.getByText('10.123.40.9', { exact: true })).toBeVisible()
  await expect(page.getByText('fd12:40::9', { exact: true })).toBeVisible()
  await expect(page.getByText('also db, orders')).toBeVisible()
  await page.goto('/volumes')
  await page.getByRole('link', { name: 'orders-data' }).click()
  await expect(page.getByRole('heading', { name: 'Used by' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'orders-db' })).toBeVisible()
  await page.getByRole('link', { name: 'Files' }).click()
  await expect(page.getByRole('navigation', { name: 'Folder' })).toHaveText('orders-data')
  await expect(page.getByRole('row', { name: 'note' })).toBeVisible()
})

test('what the server refuses of a row stands under it, with the cursor in the part that is wrong', async ({
  page,
  platform,
  hostId,
}) => {
  await platform.rest('POST', `/hosts/${hostId}/networks`, { name: 'shop', subnets: [{ subnet: '10.123.41.0/24' }] })
  await openForm(page, 'refused')
  await section(page, 'Storage').click()
  await page.getByRole('button', { name: 'Volume', exact: true }).click()
  await page.getByLabel('Path in the container for mount 1').fill('/one')
  await page.getByRole('button', { name: 'Volume', exact: true }).click()
  await page.getByRole('combobox', { name: 'Volume for mount 2' }).fill('not-there-yet')
  await expect(page.getByText('not-there-yet is not there yet')).toBeVisible()
  await page.getByLabel('Path in the container for mount 2').fill('/two')
  await page.getByLabel('Folder of it for mount 2').fill('no/such')
  await page.keyboard.press('Control+Enter')
  const part = page.getByLabel('Folder of it for mount 2')
  await expect(part).toBeFocused()
  await expect(part).toHaveAttribute('aria-invalid', 'true')
  await expect(part).toHaveAccessibleDescription(/no\/such/)
  await expectAccessible(page)
  await part.fill('')
  const alert = page.getByRole('form').getByRole('alert')
  await expect(alert).toHaveCount(0)

  await section(page, 'Network').click()
  await page.getByRole('button', { name: 'Network', exact: true }).click()
  await page.getByRole('combobox', { name: 'Network 1' }).fill('bridge')
  await page.getByRole('button', { name: 'Network', exact: true }).click()
  await page.getByRole('combobox', { name: 'Network 2' }).click()
  await page.getByRole('option', { name: /shop/ }).click()
  await page.getByLabel('IPv4 address on network 2').fill('10.9.9.9')
  await page.keyboard.press('Control+Enter')
  await expect(alert).toContainText('10.123.41.0/24')
  await expect(page.getByLabel('IPv4 address on network 2')).toBeFocused()
})

test('another container’s network is shared, and a docker run line with all of these fills the form', async ({
  page,
  run,
  platform,
}) => {
  await run({ name: 'front' })
  await openForm(page, 'beside')
  await section(page, 'Network').click()
  await page.getByLabel('Network', { exact: true }).selectOption('Another container’s')
  await page.getByRole('combobox', { name: 'Whose network' }).click()
  await page.getByRole('option', { name: /front/ }).click()
  await expect(page.getByText('Ports are published on networks of the host alone.')).toBeVisible()
  await page.keyboard.press('Control+Enter')
  await expect(containerPage.title(page, 'beside')).toBeVisible()
  const { body } = await platform.rest<FleetContainer>('GET', '/containers/beside')
  expect(body.network).toBe('container:front')

  await page.goto('/containers/new')
  await page.getByRole('button', { name: 'Paste one' }).click()
  await page
    .getByRole('textbox', { name: 'Paste a docker run line' })
    .fill(
      `docker run -v data:/x:ro --mount type=volume,dst=/y,volume-nocopy --network shop --network-alias db --ip 10.1.2.3 -p [::1]:8080:80 ${starter}`,
    )
  await page.getByRole('button', { name: 'Fill the form' }).click()
  await expect(page.getByText('Not taken over from the line')).toHaveCount(0)
  await expect(page.getByLabel('Address of the host for port 1')).toHaveValue('::1')
  await section(page, 'Storage').click()
  await expect(page.getByRole('combobox', { name: 'Volume for mount 1' })).toHaveValue('data')
  await expect(page.getByLabel('read-only: mount 1')).toBeChecked()
  await expect(page.getByLabel('leave it empty: mount 2')).toBeChecked()
  await section(page, 'Network').click()
  await expect(page.getByRole('combobox', { name: 'Network 1' })).toHaveValue('shop')
  await expect(page.getByLabel('Aliases on network 1')).toHaveValue('db')
  await expect(page.getByLabel('IPv4 address on network 1')).toHaveValue('10.1.2.3')
  await takePictures(page, 'run-volumes-networks')
})
