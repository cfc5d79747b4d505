import { expect, expectAccessible, test } from '../fixtures.ts'

const sleep = ['/bin/sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1 & wait; done']

test('the list shows what runs, also what others start and end, and search and filter stand in the address', async ({
  page,
  run,
  platform,
}) => {
  await run({ name: 'list-web', command: sleep, labels: { team: 'orchard' } })
  await run({ name: 'list-api', command: sleep })
  await run({ name: 'list-broken', command: ['/bin/sh', '-c', 'exit 3'] })
  await page.goto('/containers')
  const list = page.getByRole('grid', { name: 'Containers' })
  await expect(list.getByRole('row', { name: 'list-web' })).toContainText('Running')
  await expect(list.getByRole('row', { name: 'list-broken' })).toContainText('Failed 3')

  await page.keyboard.press('/')
  await expect(page.getByRole('searchbox', { name: 'Search containers' })).toBeFocused()
  await page.keyboard.type('orchard')
  await expect(list.getByRole('row', { name: 'list-api' })).toBeHidden()
  await expect(list.getByRole('row', { name: 'list-web' })).toBeVisible()
  await expect(page).toHaveURL(/q=orchard/)
  await page.keyboard.press('Escape')
  await expect(list.getByRole('row', { name: 'list-api' })).toBeVisible()

  await page.getByRole('main').getByRole('button', { name: 'State' }).first().click()
  await page.getByRole('menuitemcheckbox', { name: 'Exited' }).click()
  await page.keyboard.press('Escape')
  await expect(list.getByRole('row', { name: 'list-web' })).toBeHidden()
  await expect(list.getByRole('row', { name: 'list-broken' })).toBeVisible()
  await expect(page).toHaveURL(/state=exited/)
  await page.reload()
  await expect(list.getByRole('row', { name: 'list-broken' })).toBeVisible()
  await expect(list.getByRole('row', { name: 'list-web' })).toBeHidden()
  await page.getByRole('button', { name: 'Clear the filter State' }).click()
  await expect(list.getByRole('row', { name: 'list-web' })).toBeVisible()

  await page.getByRole('searchbox', { name: 'Search containers' }).fill('no such thing')
  await expect(page.getByText('No container fits these filters')).toBeVisible()
  await page.getByRole('button', { name: 'Clear the filters' }).click()
  await expect(list.getByRole('row', { name: 'list-web' })).toBeVisible()

  const { id } = await run({ name: 'list-late', command: sleep })
  const row = list.getByRole('row', { name: 'list-late' })
  await expect(row).toContainText('Running')
  await platform.rest('POST', `/containers/${id}/stop`)
  await expect(row).toContainText('Exited 0')
  await platform.rest('DELETE', `/containers/${id}`)
  await expect(row).toBeHidden()
})

test('several are stopped and removed at once, and it says what that takes', async ({ page, run }) => {
  await run({ name: 'bulk-1', command: sleep, ports: [{ containerPort: 80 }] })
  await run({ name: 'bulk-2', command: sleep })
  await page.goto('/containers?q=bulk')
  const list = page.getByRole('grid', { name: 'Containers' })
  await list.getByRole('checkbox', { name: 'Select bulk-1' }).check()
  await list.getByRole('checkbox', { name: 'Select bulk-2' }).check()
  const bar = page.getByRole('toolbar', { name: 'Actions for the selected containers' })
  await expect(bar).toContainText('2 selected')
  await bar.getByRole('button', { name: 'Stop' }).click()
  const stop = page.getByRole('dialog', { name: 'Stop 2 containers?' })
  await expect(stop).toContainText('Nobody answers any more on port')
  await stop.getByRole('button', { name: 'Stop' }).click()
  await expect(list.getByRole('row', { name: 'bulk-1' })).toContainText('Exited')
  await expect(list.getByRole('row', { name: 'bulk-2' })).toContainText('Exited')

  await list.getByRole('checkbox', { name: 'Select all rows that are loaded' }).check()
  await bar.getByRole('button', { name: 'Remove' }).click()
  const remove = page.getByRole('dialog', { name: 'Remove 2 containers?' })
  await expect(remove).toContainText('that cannot be taken back')
  await remove.getByRole('button', { name: 'Remove' }).click()
  await expect(list.getByRole('row', { name: /bulk/ })).toHaveCount(0)
})

test('keys that come in one moment all count: the first finds the row, the second opens it', async ({ page, run }) => {
  await run({ name: 'quick-1', command: sleep })
  await page.goto('/containers?q=quick-')
  await expect(page.getByRole('grid', { name: 'Containers' }).getByRole('row', { name: 'quick-1' })).toBeVisible()
  await page.evaluate(() => {
    for (const key of ['j', 'Enter']) {
      document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
    }
  })
  await expect(page.getByRole('heading', { level: 2, name: 'quick-1' })).toBeVisible()
})

test('the keyboard alone moves, selects, peeks and opens', async ({ page, run }) => {
  await run({ name: 'keys-1', command: sleep })
  await run({ name: 'keys-2', command: sleep })
  await page.goto('/containers?q=keys-')
  const list = page.getByRole('grid', { name: 'Containers' })
  await expect(list.getByRole('row', { name: 'keys-2' })).toBeVisible()
  await page.keyboard.press('j')
  await expect(list.getByRole('row', { name: 'keys-1' })).toBeFocused()
  await page.keyboard.press('j')
  await expect(list.getByRole('row', { name: 'keys-2' })).toBeFocused()
  await page.keyboard.press('x')
  await expect(list.getByRole('row', { name: 'keys-2' })).toHaveAttribute('aria-selected', 'true')
  await page.keyboard.press('Space')
  await expect(page.getByRole('dialog', { name: 'keys-2' })).toBeVisible()
  await page.keyboard.press('k')
  await expect(page.getByRole('dialog', { name: 'keys-1' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(list.getByRole('row', { name: /keys-/ }).and(page.locator(':focus'))).toBeVisible()
  await page.keyboard.press('.')
  await expect(page.getByRole('menuitem', { name: 'Restart' })).toBeVisible()
  await page.keyboard.press('Escape')
  await list.getByRole('row', { name: 'keys-1' }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 2, name: 'keys-1' })).toBeVisible()
})

test('rows of a host that is away stay with their age, and come back to life by themselves', async ({
  page,
  run,
  platform,
}) => {
  await run({ name: 'away-1', command: sleep })
  await page.goto('/containers?q=away-')
  const row = page.getByRole('grid', { name: 'Containers' }).getByRole('row', { name: 'away-1' })
  await expect(row).toContainText('Running')
  await platform.killAgent()
  try {
    await expect(page.getByText('cannot be reached now')).toBeVisible({ timeout: 20_000 })
    await expect(row).toContainText('ago')
    await row.getByRole('button', { name: 'Actions for away-1' }).click()
    await page.getByRole('menuitem', { name: 'Stop' }).click()
    await expect(page.getByRole('region', { name: 'Messages' })).toContainText('cannot be reached now')
    await expectAccessible(page)
  } finally {
    await platform.startAgent()
  }
  await expect(page.getByText('Its rows are as last seen.')).toBeHidden()
  await expect(row).toContainText('Running')
})

test('what changed between the first answer and the first connection is seen all the same', async ({
  page,
  run,
  platform,
}) => {
  const { id } = await run({ name: 'list-between' })
  let connect = () => {}
  const wanted = new Promise<void>((resolve) => (connect = resolve))
  await page.routeWebSocket(/socket\.io/, async (socket) => {
    await wanted
    socket.connectToServer()
  })
  await page.goto('/containers')
  const row = page.getByRole('row', { name: 'list-between' })
  await expect(row).toContainText('Running')
  expect((await platform.rest('POST', `/containers/${id}/kill`)).status).toBe(200)
  await expect(row).toContainText('Running')
  connect()
  await expect(row).toContainText('137')
})

test('a row shows its first port and how many more there are; by keys alone all of them', async ({ page, run }) => {
  const ports = [18_211, 18_212, 18_213].map((hostPort) => ({ containerPort: hostPort - 18_000, hostPort }))
  await run({ name: 'many-ports', command: sleep, ports })
  await page.goto('/containers?q=many-ports')
  const row = page.getByRole('grid', { name: 'Containers' }).getByRole('row', { name: 'many-ports' })
  await expect(row).toContainText('18211 → 211')
  const more = row.getByRole('button', { name: 'All 3 ports' })
  await expect(more).toHaveText(/^\+2/)
  const cell = row.getByRole('gridcell').filter({ hasText: '+2' })
  expect(await cell.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth), 'the cell is cut').toBe(0)
  await page.keyboard.press('j')
  await expect(row).toBeFocused()
  await page.keyboard.press('Tab')
  await expect(more).toBeFocused()
  await page.keyboard.press('Enter')
  const list = page.getByRole('group', { name: 'All 3 ports' })
  await expect(list.getByRole('listitem')).toHaveText(['18211 → 211', '18212 → 212', '18213 → 213'])
  await expectAccessible(page)
  await page.keyboard.press('Escape')
  await expect(list).toBeHidden()
  await expect(more).toBeFocused()
  await more.click()
  await expect(list).toBeVisible()
  await more.click()
  await expect(list).toBeHidden()
  await expect(page).toHaveURL(/\/containers\?/) // none of it opened the row
})

test('on a phone a row shows its ports in its second line, and a tap on how many more there are opens them all', async ({
  pageAs,
  run,
}) => {
  const ports = [18_221, 18_222].map((hostPort) => ({ containerPort: hostPort - 18_000, hostPort }))
  await run({ name: 'phone-ports', command: sleep, ports })
  await run({ name: 'phone-no-ports', command: sleep })
  const page = await pageAs('owner', { viewport: { width: 390, height: 844 }, hasTouch: true })
  await page.goto('/containers?q=phone')
  const row = page.getByRole('row', { name: 'phone-ports' })
  await expect(row).toContainText('18221 → 221')
  await expect(page.getByRole('row', { name: 'phone-no-ports' })).not.toContainText('–')
  await row.getByRole('button', { name: 'All 2 ports' }).tap()
  const list = page.getByRole('group', { name: 'All 2 ports' })
  await expect(list.getByRole('listitem')).toHaveText(['18221 → 221', '18222 → 222'])
  await list.tap()
  await expect(list).toBeVisible()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await expectAccessible(page)
  }
  await page.touchscreen.tap(200, 600)
  await expect(list).toBeHidden()
  await expect(page).toHaveURL(/\/containers\?/)
  await row.getByText('phone-ports').tap()
  await expect(page).toHaveURL(/\/containers\/./)
})
