import { expect, expectAccessible, test } from '../fixtures.ts'
import { takePictures, twoLooks } from '../lib/gallery.ts'
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
  await expect(main.getByText(/\(darker part of the bar\)|No container holds any/)).toBeVisible()
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
    await page.keyboard.press('n')
    await expect(page.getByLabel('Host', { exact: true }).getByRole('option', { name: /\(away\)$/ })).toBeDisabled()
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

    const { body: hosts } = await platform.rest<{ id: string; transport: string }[]>('GET', '/hosts')
    const far = hosts.find(({ transport }) => transport !== 'socket')
    await page.keyboard.press('n')
    await page.getByLabel('Host', { exact: true }).selectOption(far?.id ?? '')
    await page.getByRole('combobox', { name: 'Image' }).fill('busybox:latest')
    await page.getByRole('textbox', { name: /^Name/ }).fill('far')
    await page.getByRole('button', { name: /^Run/ }).click()
    await expect(page.getByRole('heading', { level: 2, name: 'far' })).toBeVisible()
    expect((await platform.rest('GET', '/containers/far')).body).toMatchObject({ hostId: far?.id })
  } finally {
    await second.stop()
    for (const { id, transport } of (await platform.rest<{ id: string; transport: string }[]>('GET', '/hosts')).body)
      if (transport !== 'socket') await platform.rest('DELETE', `/hosts/${id}`)
  }
})

test('groups and labels are edited with keys alone, stand on the page and narrow the list', async ({
  page,
  platform,
  hostId,
}) => {
  await page.goto(`/hosts/${hostId}`)
  const chips = page.getByRole('region', { name: 'Groups and labels' })
  await expect(chips).toContainText('no labels')
  const edit = chips.getByRole('button', { name: 'Edit groups and labels' })
  await edit.focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: /^Groups and labels of / })
  await expect(dialog).toBeFocused()
  const add = async (name: string) => {
    await dialog.getByRole('button', { name }).focus()
    await page.keyboard.press('Enter')
  }
  await add('Add group')
  await expect(dialog.getByRole('combobox', { name: 'Group 1' })).toBeFocused()
  await page.keyboard.type('harbour')
  await add('Add group')
  await page.keyboard.type('west')
  await add('Add label')
  await page.keyboard.type('rack')
  await page.keyboard.press('Tab')
  await page.keyboard.type('two words')
  await expectAccessible(page)
  await page.keyboard.press('Enter')
  await expect(dialog.getByRole('alert')).toContainText('labels.rack must be empty, or up to 63 letters')
  await page.keyboard.press('Control+a')
  await page.keyboard.type('b4')
  await page.keyboard.press('Enter')
  await expect(dialog).toBeHidden()
  await expect(edit).toBeFocused()
  for (const chip of ['harbour', 'west', 'rack=b4']) await expect(chips.getByRole('link', { name: chip })).toBeVisible()

  await page.keyboard.press('Enter')
  await dialog.getByRole('button', { name: 'Remove group 2' }).focus()
  await page.keyboard.press('Enter')
  await expect(dialog.getByRole('button', { name: 'Add group' })).toBeFocused()
  await dialog.getByRole('button', { name: 'Save' }).focus()
  await page.keyboard.press('Enter')
  await expect(dialog).toHaveCount(0) // until then the page behind it has no roles, and nothing of it is "visible"
  await expect(edit).toBeFocused()
  await expect(chips.getByRole('link', { name: 'west' })).toBeHidden()
  const set = await platform.rest<Record<string, unknown>>('GET', `/hosts/${hostId}`)
  expect(set.body).toMatchObject({ groups: ['harbour'], labels: { rack: 'b4' } })

  await chips.getByRole('link', { name: 'rack=b4' }).focus()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/hosts\?label=rack%3Db4$/)
  await expect(page.getByText('1 host', { exact: true })).toBeVisible()
  await platform.rest('PATCH', `/hosts/${hostId}`, { labels: { rack: 'b5' } })
  await expect(page.getByText('No host fits these filters')).toBeVisible() // told by the feed
  await page.getByRole('button', { name: 'Clear the filters' }).click()
  const group = page.getByRole('button', { name: 'Group', exact: true })
  await group.focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('menuitemcheckbox', { name: /^harbour/ })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/hosts\?group=harbour$/)
  await expect(page.getByRole('row').filter({ hasText: 'This machine' })).toBeVisible()
  await platform.rest('PATCH', `/hosts/${hostId}`, { labels: {}, groups: [] })
})

test('a host is cordoned with keys, with a mark wherever it is shown, and the run form says why it is off', async ({
  page,
  pageAs,
  platform,
  hostId,
}) => {
  await platform.rest('PATCH', `/hosts/${hostId}`, { labels: { rack: 'b4', gpu: '' }, groups: ['harbour', 'west'] })
  try {
    await page.goto('/hosts')
    const row = page.getByRole('row').filter({ hasText: 'This machine' })
    await expect(row).toContainText('Connected')
    await page.keyboard.press('j')
    await page.keyboard.press('.')
    await page.getByRole('menuitem', { name: 'Cordon', exact: true }).focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: /^Cordon / })
    await expect(dialog.getByRole('textbox', { name: /^Reason/ })).toBeFocused()
    await expectAccessible(page)
    await page.keyboard.type('a new kernel')
    await page.keyboard.press('Enter')
    await expect(dialog).toBeHidden()
    await expect(row).toContainText('Cordoned')
    // Also words that are longer by half, as in other languages, stand there whole.
    const cut = await row
      .getByRole('gridcell')
      .nth(1)
      .evaluate((cell) => {
        const words = Array.from(cell.querySelectorAll('span')).filter(
          ({ childElementCount }) => childElementCount === 0,
        )
        const texts = words.map((word) => word.textContent)
        for (const word of words) word.textContent += word.textContent.slice(0, word.textContent.length / 2)
        const isCut = [cell, ...words].some(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
        words.forEach((word, index) => (word.textContent = texts[index] ?? ''))
        return isCut
      })
    expect(cut).toBe(false)
    await takePictures(page, 'hosts-cordoned', twoLooks)

    await page.keyboard.press('g')
    await page.keyboard.press('o')
    await expect(page.getByRole('region', { name: 'In use' })).toContainText('Takes no new containers')
    await takePictures(page, 'overview-cordoned', twoLooks)

    await page.keyboard.press('n')
    await expect(
      page.getByText(/takes no new containers\. Ada cordoned it on .*: “a new kernel”\. Choose/).first(),
    ).toBeVisible()
    await expect(page.getByRole('combobox', { name: 'Host' }).locator('option')).toHaveText(/takes no new containers/)
    const run = page.getByRole('button', { name: /^Run/ })
    await expect(run).toHaveAttribute('aria-disabled', 'true')
    await run.focus()
    await expect(page.getByRole('tooltip')).toContainText('a new kernel')
    await takePictures(page, 'run-cordoned', twoLooks)

    await page.getByRole('link', { name: 'Hosts', exact: true }).press('Enter')
    await row.click()
    await expect(page).toHaveURL(`/hosts/${hostId}`)
    const main = page.getByRole('main')
    await expect(main.getByRole('status').filter({ hasText: 'Takes no new containers' })).toContainText('a new kernel')
    await takePictures(page, 'host-cordoned', twoLooks)

    const viewer = await pageAs('viewer')
    await viewer.goto(`/hosts/${hostId}`)
    for (const name of ['Uncordon', 'Edit groups and labels']) {
      const button = viewer.getByRole('button', { name })
      await expect(button).toHaveAttribute('aria-disabled', 'true')
      await button.focus()
      await expect(viewer.getByRole('tooltip')).toContainText('hosts.manage')
    }

    const uncordon = page.getByRole('button', { name: 'Uncordon' })
    await uncordon.focus()
    await page.keyboard.press('Enter')
    await expect(main.getByText('Takes no new containers')).toHaveCount(0)
    await expect(page.getByRole('button', { name: 'Cordon', exact: true })).toBeFocused()
    await expect(viewer.getByRole('button', { name: 'Cordon', exact: true })).toBeVisible() // without a reload
  } finally {
    await platform.rest('POST', `/hosts/${hostId}/uncordon`)
    await platform.rest('PATCH', `/hosts/${hostId}`, { labels: {}, groups: [] })
  }
})
