import type { Page } from '@playwright/test'
import { expect, expectAccessible, test } from '../fixtures.ts'
import { look } from '../lib/look.ts'
import { openSlowLine } from '../lib/slow-line.ts'

/** By what each request for a procedure was made: `link` is a preload. */
function askedBy(page: Page, procedure: string): Promise<string[]> {
  return page.evaluate(
    (name) =>
      (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
        .filter(({ name: url }) => new URL(url).pathname.split(/[/,]/).includes(name))
        .map(({ initiatorType }) => initiatorType),
    procedure,
  )
}

test('who looks and what the overview shows are asked ahead of the script, and not again by it', async ({ page }) => {
  // Once the live channel is there, what is shown is asked again: here it never is.
  await page.routeWebSocket(/socket\.io/, () => {})
  await page.goto('/')
  await expect(page.getByRole('region', { name: 'In use' })).toBeVisible()
  for (const procedure of ['session.me', 'overview.get']) expect(await askedBy(page, procedure)).toEqual(['link'])
})

test('every page of the rail is one chord away', async ({ page }) => {
  await page.goto('/')
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  // What the fleet's pages show is asked again once the live channel is there; who looks is not.
  await expect.poll(async () => (await askedBy(page, 'overview.get')).length).toBeGreaterThan(1)
  expect(await askedBy(page, 'session.me')).toEqual(['link'])
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

test('a page that did not get its style or its script loads itself once more, and no oftener', async ({
  page,
  complaints,
}) => {
  complaints.expect(/ERR_FAILED/)
  for (const part of [/\/_next\/static\/.*\.css$/, /\/_next\/static\/.*\.js$/]) {
    let pages = 0
    await page.route('/images', async (route) => {
      pages += 1
      await route.continue()
    })
    await page.route(part, async (route) => (pages === 1 ? route.abort() : route.continue()))
    await page.evaluate(() => sessionStorage.clear()).catch(() => undefined) // a blank page has none
    await page.goto('/images')
    await expect.poll(() => pages).toBe(2)
    await expect(page.getByText('Live', { exact: true })).toBeVisible()
    await page.unroute(part)
    await page.route(part, (route) => route.abort())
    await page.reload()
    await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible()
    await page.unroute(part)
    await page.reload()
    await expect(page.getByText('Live', { exact: true })).toBeVisible()
    expect(pages).toBe(4) // two by hand, and none by itself
    await page.unrouteAll()
  }
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

test('with keys alone: a pull is seen with its bytes, its pace, its layers, and is cancelled', async ({
  page,
  platform,
  hostId,
  registry,
}) => {
  test.setTimeout(90_000)
  const line = await openSlowLine(registry.host, 1024 * 1024)
  try {
    await page.goto('/')
    await expect(page.getByText('Live', { exact: true })).toBeVisible()
    const reference = registry.images.slow.replace(registry.host, line.host)
    const pull = platform.rest('POST', `/hosts/${hostId}/images/pull`, { reference })
    const button = page.getByRole('button', { name: /^Activity/ })
    await button.focus()
    await page.keyboard.press('Enter')
    const tray = page.getByRole('dialog', { name: 'Activity' })
    await expect(tray).toBeFocused()
    const entry = tray.getByRole('listitem').filter({ hasText: line.host })
    await expect(entry).toContainText('Running')
    await expect(entry).toContainText(/Download\s*\d+(\.\d)? MiB of 96 MiB/)
    await expect(entry).toContainText(/iB\/s/)
    await expect(entry).toContainText(/left/)
    await expect(entry.getByRole('progressbar')).toHaveAttribute('aria-valuenow', /\d/)
    await expectAccessible(page)

    for (const name of ['Close', 'Activity', 'Cancel', 'Show the steps']) {
      await page.keyboard.press('Tab')
      await expect(page.locator(':focus')).toHaveAccessibleName(name)
    }
    await page.keyboard.press('Enter')
    await expect(entry.getByRole('list').getByRole('listitem').filter({ hasText: 'Download' })).toHaveCount(4)
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Enter')
    await expect(entry).toContainText('Cancelled')
    expect((await pull).status).toBe(499)
    await expect(tray).toBeFocused() // the button is gone, the keys stay in the tray
    await page.keyboard.press('Escape')
    await expect(tray).toBeHidden()
    await expect(button).toBeFocused()
  } finally {
    await line.stop()
  }
})

test('what opens over the page takes the focus and gives it back', async ({ page }) => {
  await page.goto('/')
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  const account = page.getByRole('button', { name: 'Ada account' })
  await account.focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('menuitemradio', { name: 'As the system' })).toBeFocused()
  await expectAccessible(page)
  await page.keyboard.press('Escape')
  await expect(page.getByRole('menu')).toBeHidden()
  await expect(account).toBeFocused()

  await page.keyboard.press('?')
  await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(account).toBeFocused()

  await page.keyboard.press('Control+k')
  await expect(page.getByRole('combobox')).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(account).toBeFocused()

  await page.keyboard.press('Control+k')
  await page.keyboard.type('activity')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name: 'Activity' })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(account).toBeFocused()

  const narrow = page.getByRole('button', { name: 'Narrow the navigation' })
  await narrow.focus()
  await expect(page.getByRole('tooltip')).toHaveText('Narrow the navigation')
  await expectAccessible(page)
})

test('the theme is the person’s own, stays, and can follow the system again', async ({ page }) => {
  await page.goto('/')
  const html = page.locator('html')
  const choose = async (name: string) => {
    await page.getByRole('button', { name: 'Ada account' }).click()
    await page.getByRole('menuitemradio', { name }).click()
  }
  await expect(html).toHaveAttribute('data-theme', 'dark')
  await choose('Light')
  await expect(html).toHaveAttribute('data-theme', 'light')
  await page.reload()
  await expect(html).toHaveAttribute('data-theme', 'light')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Ada account' }).click()
  await expect(page.getByRole('menuitemradio', { name: 'Light' })).toBeChecked()
  await expectAccessible(page)
  await page.keyboard.press('Escape')

  await choose('As the system')
  await expect(html).toHaveAttribute('data-theme', 'dark')
  await page.emulateMedia({ colorScheme: 'light' })
  await expect(html).toHaveAttribute('data-theme', 'light')
  await choose('Dark')
  await page.reload()
  await expect(html).toHaveAttribute('data-theme', 'dark')
})

test('whoever signs out is out, in every tab', async ({ browser, platform, complaints }) => {
  const context = await browser.newContext({ ...look, baseURL: platform.url })
  complaints.watch(context)
  const signedIn = await context.request.post('/api/auth/sign-in/email', {
    data: platform.admin,
    headers: { origin: platform.url },
  })
  expect(signedIn.status()).toBe(200)
  const page = await context.newPage()
  const other = await context.newPage()
  await other.goto('/hosts')
  await expect(other.getByRole('grid', { name: 'Hosts' })).toBeVisible()
  await expect(other.getByText('Live', { exact: true })).toBeVisible()
  await page.goto('/containers')
  const account = page.getByRole('button', { name: 'Ada account' })
  await account.focus()
  await page.keyboard.press('Enter')
  await page.keyboard.press('End')
  await expect(page.getByRole('menuitem', { name: 'Sign out' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Sign in to Flotilla' })).toBeVisible()
  await expect(other.getByRole('heading', { name: 'Sign in to Flotilla' })).toBeVisible() // without a reload
  await expect(other.getByRole('grid', { name: 'Hosts' })).toHaveCount(0)
  await page.goto('/containers')
  await expect(page.getByRole('heading', { name: 'Sign in to Flotilla' })).toBeVisible()
  expect((await context.request.get('/api/auth/get-session')).status()).toBe(200)
  expect(await (await context.request.get('/api/auth/get-session')).json()).toBeNull()
  await context.close()
})

test('on a phone nothing is wider than the screen, and the menu leads everywhere', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto('/')
  for (const name of ['Hosts', 'Containers', 'Images', 'Overview']) {
    await page.getByRole('button', { name: 'Menu' }).click()
    await page.getByRole('dialog').getByRole('link', { name }).click()
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
    const wider = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
    expect(wider, name).toBeLessThanOrEqual(0)
  }
})

test('an address that leads nowhere says so', async ({ page }) => {
  const answer = await page.goto('/nowhere')
  expect(answer?.status()).toBe(404)
  await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeVisible()
  await page.getByRole('link', { name: 'Go to the overview' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
})
