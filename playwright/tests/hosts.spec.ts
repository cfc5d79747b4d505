import { expect, expectAccessible, test } from '../fixtures.ts'
import { joinSecondHost } from '../lib/second-host.ts'

test('a host shows its facts, its use, its engines with what they can, and why it cannot be removed', async ({
  page,
}) => {
  await page.goto('/hosts')
  await expect(page.getByRole('row').filter({ hasText: 'This machine' })).toContainText('Connected')
  await expectAccessible(page)
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/hosts\/[0-9a-f]+$/)
  const main = page.getByRole('main')
  await expect(main.getByText('Debian')).toBeVisible()
  await expect(main.getByRole('meter', { name: 'Disk' })).toBeVisible()
  await expect(main.getByText('runc', { exact: true })).toBeVisible()
  await expect(main.getByRole('region', { name: 'Capabilities' })).toContainText('unpause')
  await expectAccessible(page)
  const remove = page.getByRole('button', { name: 'Remove' })
  await expect(remove).toHaveAttribute('aria-disabled', 'true')
  await remove.focus()
  await expect(page.getByRole('tooltip')).toContainText('Flotilla itself runs on this host')
})

test('a second host joins with one command, goes away, comes back, and is removed, with keys alone', async ({
  page,
  platform,
}) => {
  test.setTimeout(180_000)
  await page.goto('/hosts')
  const add = page.getByRole('button', { name: 'Add host' })
  await add.focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Add a host' })
  await expect(dialog).toBeFocused()
  await expect(dialog.getByText('Waiting for the host to join')).toBeVisible()
  for (const name of ['Close', 'Copy', 'Close']) {
    await page.keyboard.press('Tab') // round and round within the dialog
    await expect(page.locator(':focus')).toHaveAccessibleName(name)
  }
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await expect(add).toBeFocused()
  await page.keyboard.press('Enter')
  const command = (await dialog.getByTestId('join-command').textContent()) ?? ''
  expect(command).toContain(`join ${platform.url}`)
  await expect(dialog.getByText('Waiting for the host to join')).toBeVisible()
  await expectAccessible(page)

  const invitation = await platform.rest<{ command: string }>('POST', '/hosts/join-tokens', {})
  const stranger = await joinSecondHost(platform, invitation.body.command)
  const hosts = async () => (await platform.rest<{ state: string }[]>('GET', '/hosts')).body
  const second = await (async () => {
    await expect.poll(async () => (await hosts()).filter(({ state }) => state === 'connected').length).toBe(2)
    await expect(dialog.getByText('Waiting for the host to join')).toBeVisible() // it came with another token
    return joinSecondHost(platform, command)
  })().catch(async (error: unknown) => {
    await stranger.stop()
    throw error
  })
  try {
    await expect(dialog.getByText('Connected')).toBeVisible({ timeout: 30_000 })
    await expect(dialog.getByText('This token has been used.')).toBeVisible()
    const open = dialog.getByRole('link', { name: 'Open' })
    await open.focus()
    await page.keyboard.press('Enter')
    await expect(page.getByText(/of 3 containers running/)).toBeVisible()
    await expect(page.getByText('WebSocket')).toBeVisible()
    const address = page.url()

    await second.kill()
    await expect(page.getByText('It cannot be reached now')).toBeVisible({ timeout: 30_000 })
    await expect(page.getByText(/What you see is what it said/)).toBeVisible()
    await expectAccessible(page)
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Overview' }).click()
    await expect(page.getByRole('region', { name: 'Wrong now' })).toContainText('cannot be reached')
    await page.getByRole('link', { name: /^Open host:/ }).click()
    await expect(page).toHaveURL(address)

    second.start()
    await expect(page.getByText('It cannot be reached now')).toBeHidden({ timeout: 30_000 })
    const scope = page.getByRole('button', { name: /^Hosts shown/ })
    await scope.focus()
    await page.keyboard.press('Enter')
    await expect(page.getByRole('menuitemradio', { name: 'All hosts' })).toBeFocused()
    await expectAccessible(page)
    await page.keyboard.press('Escape')
    await expect(scope).toBeFocused()

    const remove = page.getByRole('button', { name: 'Remove' })
    await remove.focus()
    await page.keyboard.press('Enter')
    const removal = page.getByRole('dialog', { name: /^Remove / })
    await expect(removal).toBeFocused()
    await expect(removal).toContainText('3 containers')
    await expectAccessible(page)
    await page.keyboard.press('Escape')
    await expect(remove).toBeFocused()
    await page.keyboard.press('Enter')
    for (const name of ['Close', 'Cancel', 'Remove host']) {
      await page.keyboard.press('Tab')
      await expect(page.locator(':focus')).toHaveAccessibleName(name)
    }
    await page.keyboard.press('Enter')
    await expect(page).toHaveURL(/\/hosts$/)
    await expect(page.getByRole('row').filter({ hasText: 'WebSocket' })).toHaveCount(1)
    expect(await hosts()).toHaveLength(2)
  } finally {
    await second.stop()
    await stranger.stop()
    for (const { id, transport } of (await platform.rest<{ id: string; transport: string }[]>('GET', '/hosts')).body)
      if (transport !== 'socket') await platform.rest('DELETE', `/hosts/${id}`)
  }
})

test('the scope is chosen with keys, stands in the address and holds from list to list', async ({ page, platform }) => {
  const { body } = await platform.rest<{ command: string }>('POST', '/hosts/join-tokens', {})
  const second = await joinSecondHost(platform, body.command)
  try {
    await page.goto('/containers')
    const scope = page.getByRole('button', { name: /^Hosts shown/ })
    await expect(scope).toBeVisible()
    await scope.focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('End')
    await expect(page.getByRole('menuitemradio').last()).toBeFocused()
    await page.keyboard.press('Enter')
    await expect(page).toHaveURL(/\/containers\?host=/)
    await expect(scope).toBeFocused()
    await expect(scope).not.toHaveAccessibleName('Hosts shown: All hosts')
    const { search } = new URL(page.url())
    await page.keyboard.press('g')
    await page.keyboard.press('i')
    await expect(page.getByRole('heading', { level: 1, name: 'Images' })).toBeVisible()
    await page.getByRole('link', { name: 'Containers', exact: true }).focus()
    await page.keyboard.press('Enter')
    await expect(page.getByRole('heading', { level: 1, name: 'Containers' })).toBeVisible()
    expect(new URL(page.url()).search).toBe(search)
  } finally {
    await second.stop()
    for (const { id, transport } of (await platform.rest<{ id: string; transport: string }[]>('GET', '/hosts')).body)
      if (transport !== 'socket') await platform.rest('DELETE', `/hosts/${id}`)
  }
})

test('a viewer sees hosts and why they may add none', async ({ pageAs }) => {
  const page = await pageAs('viewer')
  await page.goto('/hosts')
  const add = page.getByRole('button', { name: 'Add host' })
  await expect(add).toHaveAttribute('aria-disabled', 'true')
  await add.focus()
  await expect(page.getByRole('tooltip')).toContainText('hosts.manage')
})
