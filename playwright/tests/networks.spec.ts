import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { FleetContainer, FleetHostPorts, FleetNetwork } from '@flotilla/protocol'
import { inLooks, takePictures, twoLooks } from '../lib/gallery.ts'
import { expect, expectAccessible, test as base } from '../fixtures.ts'

/** Makes a network by the API; all but the default one are removed after the test. */
const test = base.extend<{ network: (spec: Record<string, unknown>) => Promise<FleetNetwork> }>({
  network: async ({ platform, hostId }, use) => {
    const made: string[] = []
    await use(async (spec) => {
      const { status, body, text } = await platform.rest<FleetNetwork>('POST', `/hosts/${hostId}/networks`, spec)
      expect(status, text).toBe(200)
      made.push(body.id)
      return body
    })
    const { body } = await platform.rest<{ items: FleetNetwork[] }>('GET', '/networks')
    for (const { id, isDefault } of body.items) if (!isDefault) await platform.rest('DELETE', `/networks/${id}`)
  },
})

test('a network is made by a click, where a taken subnet is refused, with subnets of both families, and opens', async ({
  page,
  platform,
  network,
}) => {
  await network({ name: 'first', subnets: [{ subnet: '10.123.8.0/24' }] })
  await page.goto('/networks')
  await expect(page.getByRole('row', { name: 'bridge' })).toContainText('default')
  await page.getByRole('button', { name: 'Create network' }).click()
  const dialog = page.getByRole('dialog', { name: 'Create a network' })
  await dialog.getByLabel('Name', { exact: true }).fill('orders')
  await dialog.getByLabel('IPv4 subnet').fill('10.123.8.0/25')
  await dialog.getByRole('button', { name: 'Create', exact: true }).click()
  await expect(dialog.getByRole('alert')).toContainText('overlaps 10.123.8.0/24')
  await expect(dialog.getByLabel('IPv4 subnet')).toHaveValue('10.123.8.0/25')
  await dialog.getByLabel('IPv4 subnet').fill('10.123.7.0/24')
  await dialog.getByLabel('IPv6 subnet').fill('fd12:7::/64')
  await dialog.getByText('Internal', { exact: true }).click()
  await dialog.getByText('Gateway, address range, MTU').click()
  await dialog.getByLabel('IPv4 gateway').fill('10.123.7.9')
  await dialog.getByLabel('MTU').fill('1400')
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Create', exact: true }).click()
  await expect(dialog).toHaveCount(0)
  const row = page.getByRole('row', { name: 'orders' })
  await expect(row).toContainText('10.123.7.0/24')
  await expect(row).toContainText('internal')
  await row.click()
  await expect(page.getByRole('heading', { level: 2, name: 'orders' })).toBeVisible()
  await expect(page.getByText('gateway 10.123.7.9')).toBeVisible()
  await expect(page.getByText('1400')).not.toHaveCount(0)
  const { body } = await platform.rest<{ items: FleetNetwork[] }>('GET', '/networks?search=orders')
  for (const { id } of body.items) await platform.rest('DELETE', `/networks/${id}`)
})

test('by keys alone: a container is connected, seen with its address, and disconnected', async ({
  page,
  network,
  run,
}) => {
  await network({ name: 'backend', subnets: [{ subnet: '10.123.9.0/24' }] })
  await run({ name: 'api-server' })
  await page.goto('/networks')
  const row = page.getByRole('row', { name: 'backend' })
  await row.focus()
  await page.keyboard.press('Enter')
  await expect(page.getByText('No container is on it.')).toBeVisible()
  await page.getByRole('button', { name: 'Connect a container' }).focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Connect a container to backend' })
  await expect(dialog.getByLabel('Search containers')).toBeFocused()
  await page.keyboard.type('api')
  await expect(dialog.getByRole('radio', { name: /api-server/ })).toBeVisible()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Space')
  await expect(dialog.getByRole('radio', { name: /api-server/ })).toBeChecked()
  await page.keyboard.press('Tab')
  await page.keyboard.type('orders-api')
  await page.keyboard.press('Enter')
  await expect(dialog).toHaveCount(0)
  await expect(page.getByText(/10\.123\.9\.\d+/).first()).toBeVisible()
  await expect(page.getByText('also orders-api')).toBeVisible()
  await expect(page.getByText('Connected', { exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'Disconnect api-server' }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name: 'Disconnect api-server?' })).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page.getByText('No container is on it.')).toBeVisible()
})

test('a network has its document a tab away; in use it stays and names its users; the default one stays always', async ({
  page,
  network,
  run,
}) => {
  const { id } = await network({ name: 'busy', labels: { team: 'harbour' } })
  await run({ name: 'on-busy', networks: [{ network: 'busy' }] })
  await page.goto(`/networks/${id}`)
  await expect(page.getByRole('heading', { name: 'Containers' })).toBeInViewport()
  await expect(page.getByText('team=harbour')).toBeInViewport()
  await page.getByRole('link', { name: 'JSON' }).click()
  await expect(page).toHaveURL(/tab=json/)
  await expect(page.getByRole('region', { name: 'All that is known of busy' })).toContainText('"team": "harbour"')
  await page.goBack()
  await page.getByRole('button', { name: 'Remove' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await expect(page.getByText('busy was not removed')).toBeVisible()
  await expect(page.getByText(/on-busy/).first()).toBeVisible()
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Networks' }).click()
  await page.getByRole('link', { name: 'bridge' }).click()
  await expect(page.getByRole('heading', { level: 2, name: 'bridge' })).toBeVisible()
  await page.getByRole('button', { name: 'Remove' }).hover()
  await expect(page.getByRole('tooltip')).toContainText('default network')
})

test('the list says how many containers are on a network, and is narrowed and ordered by it', async ({
  page,
  network,
  run,
}) => {
  await network({ name: 'alive' })
  await network({ name: 'idle' })
  for (const name of ['on-alive-1', 'on-alive-2']) await run({ name, networks: [{ network: 'alive' }] })
  await page.goto('/networks')
  const alive = page.getByRole('row', { name: 'alive', exact: true })
  const idle = page.getByRole('row', { name: 'idle', exact: true })
  await expect(alive.getByRole('gridcell', { name: '2', exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'Containers', exact: true }).click()
  await page.getByRole('button', { name: 'Containers', exact: true }).click()
  await expect(page).toHaveURL(/sort=used&order=desc/)
  await expect(page.getByRole('grid', { name: 'Networks' }).getByRole('row').nth(1)).toHaveAccessibleName('alive')
  await page.getByRole('button', { name: 'Use', exact: true }).click()
  await page.getByRole('menuitemcheckbox', { name: /Not in use/ }).click()
  await expect(page).toHaveURL(/use=unused/)
  await expect(idle).toBeVisible()
  await expect(alive).toHaveCount(0)
})

test('a prune takes exactly what it listed', async ({ page, network, platform }) => {
  await network({ name: 'old-one' })
  await network({ name: 'old-two' })
  await page.goto('/networks')
  await page.getByRole('button', { name: 'Remove unused' }).click()
  const dialog = page.getByRole('dialog', { name: 'Remove unused networks' })
  await expect(dialog.getByRole('list', { name: 'What would be removed' }).getByRole('listitem')).toHaveCount(2)
  await network({ name: 'came-later' })
  await dialog.getByRole('button', { name: 'Remove all 2' }).click()
  await expect(page.getByText('2 networks removed')).toBeVisible()
  const names = async () => {
    const { body } = await platform.rest<{ items: FleetNetwork[] }>('GET', '/networks')
    return body.items.map(({ name }) => name).sort()
  }
  await expect.poll(names).toEqual(['bridge', 'came-later'])
})

test('networks that match go as one operation, and what is used names its users', async ({ page, network, run }) => {
  for (const n of [1, 2, 3]) await network({ name: `many-${n}`, subnets: [{ subnet: `10.124.${n}.0/24` }] })
  await run({ name: 'on-many-2', start: false, networks: [{ network: 'many-2' }] })
  await page.goto('/networks?q=many-')
  await expect(page.getByRole('row', { name: 'many-3' })).toBeVisible()
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  const bar = page.getByRole('toolbar', { name: 'With the selected networks' })
  await bar.getByRole('button', { name: 'Select all 3 that match' }).click()
  await bar.getByRole('button', { name: 'Remove' }).click()
  const dialog = page.getByRole('dialog', { name: 'Remove 3 networks?' })
  await expect(dialog.getByRole('button', { name: 'Remove' })).toBeFocused()
  // Another one comes to match while the question is open.
  await network({ name: 'many-4', subnets: [{ subnet: '10.124.4.0/24' }] })
  await page.keyboard.press('Enter')
  await expect(dialog).toHaveCount(0)
  const messages = page.getByRole('region', { name: 'Messages' })
  await expect(messages).toContainText('3 of 4 networks removed')
  await messages.getByRole('button', { name: 'Show' }).click()
  const tray = page.getByRole('dialog', { name: 'Activity' })
  const first = tray.getByRole('list', { name: 'What became of each' }).getByRole('listitem').first()
  await expect(first).toContainText('many-2')
  await expect(first).toContainText('is used by containers (1)')
  await takePictures(page, 'bulk-networks', twoLooks)
  await first.getByRole('link', { name: 'on-many-2' }).click()
  await expect(page.getByRole('heading', { level: 2, name: 'on-many-2' })).toBeVisible()
})

test('published ports are one table, where two that ask for the same are marked', async ({ page, run, platform }) => {
  const ports = [{ containerPort: 80, hostPort: 18_180 }]
  const first = await run({ name: 'web-old', ports })
  await platform.rest('POST', `/containers/${first.id}/stop`, { timeoutSeconds: 0 })
  await run({ name: 'web-new', ports })
  await run({ name: 'alone', ports: [{ containerPort: 53, hostPort: 18_153, protocol: 'udp', hostIp: '127.0.0.1' }] })
  await page.goto('/networks')
  await page.getByRole('link', { name: 'Published ports' }).click()
  await expect(page.getByRole('row', { name: '18180 web-old' })).toContainText('also web-new')
  const alone = page.getByRole('row', { name: '18153 alone' })
  await expect(alone).toContainText('127.0.0.1')
  const word = alone.getByRole('button', { name: 'No' })
  await word.click()
  await expect(page.getByRole('group', { name: 'No' })).toContainText('it is open on the host’s own loopback alone')
  await word.click()
  await takePictures(page, 'ports')
  const own = page.getByRole('row', { name: /^18\d{3} (web-old|web-new|alone)$/ })
  await page.getByRole('button', { name: 'Port', exact: true }).click()
  await expect(own.first()).toContainText('18153')
  await page.getByRole('button', { name: 'Port', exact: true }).click()
  await expect(page).toHaveURL(/sort=port&order=desc/)
  await expect(own.last()).toContainText('18153')
  await page.getByRole('button', { name: 'Conflicts', exact: true }).click()
  await page.getByRole('menuitemcheckbox', { name: /Only those in conflict/ }).click()
  await expect(page.getByRole('row', { name: '18153 alone' })).toHaveCount(0)
  await page.keyboard.press('Escape')
  await page.getByRole('row', { name: '18180 web-new' }).click()
  await expect(page.getByRole('heading', { level: 2, name: 'web-new' })).toBeVisible()
})

test('a port that a program has open on the host stands under its container', async ({ page, run, platform }) => {
  const command = ['httpd', '-f', '-p', '127.0.0.1:18192']
  const { id } = await run({ name: 'on-host', network: 'host', command })
  await page.goto('/networks')
  await page.getByRole('link', { name: 'Published ports' }).click()
  const row = page.getByRole('row', { name: '18192 on-host' })
  await expect(async () => {
    await page.getByRole('button', { name: 'Ask the hosts again' }).click()
    await expect(row).toContainText('held by httpd', { timeout: 2000 })
  }).toPass()
  await expect(row.getByRole('button', { name: 'No' })).toBeVisible()
  const { hostId } = (await platform.rest<FleetContainer>('GET', `/containers/${id}`)).body
  const { held } = (await platform.rest<FleetHostPorts>('GET', `/hosts/${hostId}/ports`)).body
  expect(held.find(({ port }) => port === 18_192)?.container).toEqual({ id, name: 'on-host' })
})

test('a port of a program that is no container stands under its name', async ({ page, hostId, platform }) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  try {
    const { held } = (await platform.rest<FleetHostPorts>('GET', `/hosts/${hostId}/ports`)).body
    const program = held.find((each) => each.port === port)?.program
    expect(program).toMatch(/\w/)
    await page.goto('/networks')
    await page.getByRole('link', { name: 'Published ports' }).click()
    await page.getByRole('searchbox', { name: 'Search ports' }).fill(String(port))
    await expect(page.getByRole('row', { name: String(port) })).toContainText(`held by ${program}`)
  } finally {
    server.close()
  }
})

test('a port of a running container is published and taken back on its page', async ({ page, run, platform }) => {
  const { id } = await run({ name: 'late-web' })
  await page.goto(`/containers/${id}`)
  await expect(page.getByRole('link', { name: 'bridge' })).toBeVisible()
  await page.getByRole('button', { name: 'Publish a port' }).click()
  const dialog = page.getByRole('dialog', { name: 'Publish a port of late-web' })
  await dialog.getByLabel('Container port').fill('80')
  await dialog.getByLabel('Host port').fill('18190')
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Publish', exact: true }).click()
  await expect(dialog).toHaveCount(0)
  const portsOf = async () => (await platform.rest<FleetContainer>('GET', `/containers/${id}`)).body.ports
  expect((await portsOf()).map(({ hostPort }) => hostPort)).toEqual([18190])
  await expect(page.getByText('Published on port 18190')).toBeVisible()
  const publish = async (hostPort: string) => {
    await page.getByRole('button', { name: 'Publish a port' }).click()
    await dialog.getByLabel('Container port').fill('80')
    await dialog.getByLabel('Host port').fill(hostPort)
    await dialog.getByRole('button', { name: 'Publish', exact: true }).click()
    await expect(dialog).toHaveCount(0)
  }
  await publish('18191')
  await expect(page.getByText('Published on port 18191')).toBeVisible()
  await page.getByRole('button', { name: 'Unpublish port 18191' }).click()
  await page.getByRole('dialog', { name: 'Unpublish port 18191?' }).getByRole('button', { name: 'Unpublish' }).click()
  await expect(page.getByRole('button', { name: 'Unpublish port 18191' })).toHaveCount(0)
  await publish('')
  await expect(page.getByText('Nothing was published: it is on port 18190 already')).toBeVisible()
  await page.getByRole('button', { name: 'Unpublish port 18190' }).click()
  await page.getByRole('dialog', { name: 'Unpublish port 18190?' }).getByRole('button', { name: 'Unpublish' }).click()
  await expect(page.getByText('Port 18190 released')).toBeVisible()
  expect(await portsOf()).toEqual([])
})

test(`the pages of networks, ${inLooks}`, async ({ page, network, run }) => {
  const { id } = await network({
    ...{ name: 'shop', labels: { team: 'harbour' } },
    subnets: [{ subnet: '10.123.10.0/24' }, { subnet: 'fd12:10::/64' }],
  })
  await network({ name: 'closed', internal: true })
  const made: FleetContainer = await run({ name: 'shop-web', networks: [{ network: 'shop', aliases: ['web'] }] })
  await page.goto('/networks')
  await expect(page.getByRole('row', { name: 'closed' })).toBeVisible()
  await takePictures(page, 'networks')
  await page.setViewportSize({ width: 390, height: 844 })
  const [search, create] = [page.getByRole('searchbox'), page.getByRole('button', { name: 'Create network' })]
  expect((await create.boundingBox())?.y).toBe((await search.boundingBox())?.y)
  await page.goto('/networks?create=1')
  await expect(page.getByRole('dialog').getByLabel('Name', { exact: true })).toBeVisible()
  await expect(page.getByRole('dialog').getByRole('button', { name: 'Create', exact: true })).toBeInViewport({
    ratio: 1,
  })
  await takePictures(page, 'network-create')
  await page.goto(`/networks/${id}`)
  await expect(page.getByRole('link', { name: made.name })).toBeVisible()
  await takePictures(page, 'network')
  await page.getByRole('button', { name: 'Connect a container' }).click()
  await expect(page.getByRole('radio', { name: /shop-web already connected/ })).toBeDisabled()
  await takePictures(page, 'network-connect')
})
