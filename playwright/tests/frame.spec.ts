import { expect, expectAccessible, test } from '../fixtures.ts'

test('every page of the rail is one chord away, and the list of keys says so', async ({ page }) => {
  await page.goto('/')
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  for (const [key, name] of [
    ['c', 'Containers'],
    ['i', 'Images'],
    ['h', 'Hosts'],
    ['o', 'Overview'],
  ] as const) {
    await page.keyboard.press('g')
    await page.keyboard.press(key)
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
    await expect(page.getByRole('link', { name, exact: true })).toHaveAttribute('aria-current', 'page')
  }
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible()
  await expectAccessible(page)
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
})

test('the palette finds a container and stops it; the activity tray tells it, also after a reload', async ({
  page,
  run,
}) => {
  await run({ name: 'palette-target', stopTimeoutSeconds: 1 })
  await page.goto('/')
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('combobox')).toBeFocused()
  await page.keyboard.type('stop palette-target')
  await expect(page.getByRole('option', { name: 'Stop palette-target' })).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('option', { name: 'Stop palette-target' }).click()
  await expect(page.getByText('palette-target stopped')).toBeVisible()

  for (const reload of [false, true]) {
    if (reload) await page.reload()
    await page.getByRole('button', { name: /^Activity/ }).click()
    const tray = page.getByRole('dialog', { name: 'Activity' })
    await expect(tray.getByRole('listitem').filter({ hasText: 'Stop palette-target' })).toContainText('Done')
    await expect(tray.getByRole('listitem').filter({ hasText: 'Stop palette-target' })).toContainText('by Ada')
    await expectAccessible(page)
  }
})

test('a pull is seen with its bytes and is cancelled from the tray', async ({ page, platform, hostId, registry }) => {
  await page.goto('/')
  const pull = platform.rest('POST', `/hosts/${hostId}/images/pull`, { reference: registry.images.slow })
  await page.getByRole('button', { name: /^Activity/ }).click()
  const line = page.getByRole('dialog', { name: 'Activity' }).getByRole('listitem').filter({ hasText: 'demo/slow' })
  await expect(line.first()).toBeVisible()
  const cancel = line.first().getByRole('button', { name: 'Cancel' })
  await cancel.click()
  await expect(line.first()).toContainText('Failed')
  expect((await pull).status).toBe(499)
})

test('the theme is the person’s own and stays', async ({ page }) => {
  await page.goto('/')
  const html = page.locator('html')
  await expect(html).toHaveAttribute('data-theme', 'dark')
  await page.getByRole('button', { name: 'Ada account' }).click()
  await page.getByRole('menuitemradio', { name: 'Light' }).click()
  await expect(html).toHaveAttribute('data-theme', 'light')
  await page.reload()
  await expect(html).toHaveAttribute('data-theme', 'light')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await expectAccessible(page)
})

test('on a phone nothing is wider than the screen, and the menu leads everywhere', async ({ pageAs }) => {
  const page = await pageAs('owner', { viewport: { width: 390, height: 844 } })
  for (const path of ['/', '/hosts', '/containers', '/images']) {
    await page.goto(path)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    const wider = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
    expect(wider, path).toBeLessThanOrEqual(0)
  }
  await page.getByRole('button', { name: 'Menu' }).click()
  await page.getByRole('dialog').getByRole('link', { name: 'Hosts' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Hosts' })).toBeVisible()
})

test('an address that leads nowhere says so', async ({ page }) => {
  const answer = await page.goto('/nowhere')
  expect(answer?.status()).toBe(404)
  await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeVisible()
  await page.getByRole('link', { name: 'Go to the overview' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
})
