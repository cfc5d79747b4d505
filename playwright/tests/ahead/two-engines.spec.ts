import { makeTestDaemon, type TestDaemon } from '@flotilla/testkit/docker-daemon'
import { type Platform, startPlatform } from '@flotilla/testkit/lab/platform'
import type { FleetContainer, FleetHost, FleetOperation } from '@flotilla/protocol'
import type { BrowserContext, Locator, Page } from '@playwright/test'
import { containerPage } from '../../lib/container-page.ts'
import { dashboard } from '@flotilla/testkit/browser/dashboard'
import { takePictures, twoLooks } from '../../lib/gallery.ts'
import { look } from '../../lib/look.ts'
import { signIn } from '@flotilla/testkit/browser/people'
import { expect, starter, test } from '../../fixtures.ts'

// A host with a Docker daemon beside the native engine, whose store lies on a disk of 64 MiB, and changes of many containers on
// both. What runs here ends only when it is killed, so that a stop takes `stopTimeoutSeconds` and can be looked at.

let daemon: TestDaemon
let platform: Platform
let context: BrowserContext
let hostId: string
test.beforeAll(async ({ browser }) => {
  test.setTimeout(180_000)
  daemon = await makeTestDaemon()
  platform = await startPlatform({ dashboard, docker: daemon.socketPath, storeBytes: 64 * 1024 * 1024 })
  context = await browser.newContext({
    baseURL: platform.url,
    ...look,
    storageState: await signIn(browser, platform, platform.admin),
  })
  hostId = (await platform.rest<FleetHost[]>('GET', '/hosts')).body[0]?.id ?? ''
})
test.afterAll(async () => {
  await context?.close()
  await platform?.close()
  await daemon?.remove()
})
test.beforeEach(({ complaints }) => complaints.watch(context))
test.afterEach(async () => {
  for (const page of context.pages()) await page.close()
  for (const { id, state } of await operations()) {
    if (state === 'running') await platform.rest('POST', `/operations/${id}/cancel`, {})
  }
  const { body } = await platform.rest<{ items: FleetContainer[] }>('GET', '/containers')
  await Promise.all(body.items.map(({ id }) => platform.rest('DELETE', `/containers/${id}?force=true`)))
})

const operations = async () => (await platform.rest<FleetOperation[]>('GET', '/operations')).body
/** Changes of many: those that a test began, the youngest first. */
const ofMany = async (method: string) =>
  (await operations()).filter((one) => one.kind === 'bulk' && one.method === method)

/** Runs until it is killed; a stop takes that many seconds. */
async function run(
  name: string,
  stopTimeoutSeconds: number,
  engine: 'oci' | 'docker' = 'oci',
): Promise<FleetContainer> {
  const command = ['/bin/sh', '-c', 'trap "" TERM; while :; do sleep 1; done']
  const spec = { image: starter, start: true, name, engine, command, stopTimeoutSeconds }
  const { status, body, text } = await platform.rest<FleetContainer>('POST', `/hosts/${hostId}/containers`, spec)
  if (status !== 200) throw new Error(`No container was made: ${text}`)
  return body
}

interface Parts {
  page: Page
  row: (name: string) => Locator
  bar: Locator
  dock: Locator
  tray: Locator
  messages: Locator
}

async function open(path: string): Promise<Parts> {
  const page = await context.newPage()
  await page.goto(path)
  const list = page.getByRole('grid', { name: 'Containers' })
  await expect(list).toHaveAttribute('aria-busy', 'false')
  return {
    page,
    row: (name) => list.getByRole('row', { name, exact: true }),
    bar: page.getByRole('toolbar', { name: 'Actions for the selected containers' }),
    dock: page.getByRole('group', { name: /^(Starting|Stopping|Restarting|Removing) / }),
    tray: page.getByRole('dialog', { name: 'Activity' }),
    messages: page.getByRole('region', { name: 'Messages' }),
  }
}

async function selectAll({ page }: Parts): Promise<void> {
  await page.getByRole('checkbox', { name: 'Select all rows that are loaded' }).check()
}

/** Asks to stop what is chosen, and confirms: the question is gone at once. */
async function stop({ page, bar }: Parts, count: number): Promise<void> {
  await bar.getByRole('button', { name: 'Stop' }).click()
  const dialog = page.getByRole('dialog', { name: `Stop ${count} containers?` })
  await dialog.getByRole('button', { name: 'Stop' }).dblclick({ noWaitAfter: true })
  await expect(dialog).toHaveCount(0, { timeout: 1000 })
}

test('a stop of many over two engines is one operation, told row by row in every tab and in the end', async () => {
  const names = ['two-1', 'two-2', 'two-3', 'two-4']
  for (const [at, name] of names.entries()) await run(name, 6, at % 2 === 0 ? 'oci' : 'docker')
  const one = await open('/containers?q=two-')
  const other = await open('/containers?q=two-')
  await selectAll(one)
  const height = (await one.row('two-1').boundingBox())?.height
  await stop(one, 4)
  for (const { row, dock } of [one, other]) {
    await expect(row('two-1')).toContainText('Stopping…')
    await expect(row('two-2')).toContainText('Stopping…')
    await expect(dock).toContainText('of 4')
  }
  expect((await one.row('two-1').boundingBox())?.height).toBe(height)
  for (const { row } of [one, other]) for (const name of names) await expect(row(name)).toContainText('Exited')
  await expect(one.messages).toContainText('4 containers stopped')
  await expect(one.dock).toHaveCount(0)
  expect(await ofMany('containers.stop')).toMatchObject([{ counts: { total: 4, ended: 4, failed: 0, cancelled: 0 } }])

  await one.bar.getByRole('button', { name: 'Restart' }).click()
  await one.page.getByRole('dialog').getByRole('button', { name: 'Restart' }).click()
  for (const name of names) await expect(one.row(name)).toContainText('Running')
  await expect(one.messages).toContainText('4 containers restarted')
  await one.bar.getByRole('button', { name: 'Remove' }).click()
  await one.page.getByRole('dialog').getByRole('button', { name: 'Stop and remove' }).click()
  await expect(one.page.getByText('No container fits these filters')).toBeVisible()
  await expect(one.messages).toContainText('4 containers removed')
})

test('one that fails is told with its reason and leads to its page, also after a reload', async () => {
  await run('fail-1', 1)
  await run('fail-2', 1)
  const gone = await run('fail-3', 1)
  const parts = await open('/containers?q=fail-')
  await selectAll(parts)
  await parts.bar.getByRole('button', { name: 'Stop' }).click()
  const dialog = parts.page.getByRole('dialog', { name: 'Stop 3 containers?' })
  await expect(dialog).toBeVisible()
  // Somebody removes it while the question is open.
  expect((await platform.rest('DELETE', `/containers/${gone.id}?force=true`)).status).toBe(200)
  await dialog.getByRole('button', { name: 'Stop' }).click()
  await expect(parts.messages.getByText('2 of 3 containers stopped')).toBeVisible()
  await parts.messages.getByRole('button', { name: 'Show' }).click()
  const items = parts.tray.getByRole('list', { name: 'What became of each' })
  await expect(items.getByRole('listitem').first()).toContainText('failed')
  await expect(items.getByRole('listitem').first()).toContainText('There is no container')
  await takePictures(parts.page, 'bulk-failed')
  await parts.page.reload()
  await parts.page.getByRole('button', { name: /^Activity/ }).click()
  await parts.tray.getByRole('button', { name: 'Show each one' }).first().click()
  await expect(items.getByRole('listitem')).toHaveCount(3)
  await items.getByRole('link', { name: 'fail-1' }).click()
  await expect(parts.page.getByRole('heading', { level: 2, name: 'fail-1' })).toBeVisible()
})

test('reloaded in its middle it goes on, and cancelled it keeps what ran and tells the rest as not done', async () => {
  test.setTimeout(120_000)
  const names = [1, 2, 3, 4, 5, 6].map((n) => `cancel-${n}`)
  for (const name of names) await run(name, 15)
  const parts = await open('/containers?q=cancel-')
  await selectAll(parts)
  await stop(parts, 6)
  await expect(parts.row('cancel-4')).toContainText('Stopping…')
  await expect(parts.row('cancel-5')).toContainText('Running')
  await takePictures(parts.page, 'bulk-running')
  await parts.page.reload()
  await expect(parts.dock).toContainText('0 of 6')
  await expect(parts.row('cancel-1')).toContainText('Stopping…')
  await parts.page.getByRole('button', { name: /^Activity/ }).click()
  await parts.tray.getByRole('button', { name: 'Show each one' }).first().click()
  const items = parts.tray.getByRole('list', { name: 'What became of each' })
  await expect(items.getByRole('listitem').last()).toContainText('waiting')
  await parts.tray.getByRole('button', { name: 'Cancel' }).click()
  await expect(items.getByRole('listitem').last()).toContainText('not done')
  await expect(parts.messages).toContainText('4 of 6 containers stopped', { timeout: 45_000 })
  await expect(parts.messages).toContainText('Cancelled. 2 not done.')
  await takePictures(parts.page, 'bulk-cancelled')
  await parts.page.getByRole('button', { name: 'Close' }).first().click()
  for (const name of names.slice(0, 4)) await expect(parts.row(name)).toContainText('Exited')
  for (const name of names.slice(4)) await expect(parts.row(name)).toContainText('Running')
})

test('all that match are those that match when it is confirmed, by the keyboard alone', async () => {
  await run('key-1', 3)
  await run('key-2', 3)
  const parts = await open('/containers?q=key-')
  const { page, bar } = parts
  await expect(parts.row('key-2')).toBeVisible()
  await page.keyboard.press('j')
  await expect(parts.row('key-1')).toBeFocused()
  await page.keyboard.press('x')
  await expect(bar).toContainText('1 selected')
  await page.keyboard.press('Tab')
  await expect(bar.getByRole('button', { name: 'Select all 2 that match' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(bar).toContainText('All 2 that match')
  await bar.getByRole('button', { name: 'Stop' }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name: 'Stop 2 containers?' })).toBeVisible()
  await run('key-3', 3)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  const cancel = parts.dock.getByRole('button', { name: 'Cancel' })
  await expect(cancel).toBeVisible()
  for (const name of ['key-1', 'key-2', 'key-3']) await expect(parts.row(name)).toContainText('Exited')
  await expect(parts.messages).toContainText('3 containers stopped')
  expect((await ofMany('containers.stop'))[0]).toMatchObject({ counts: { total: 3, failed: 0 } })
})

const engines = { native: 'Flotilla', docker: 'Docker Engine' } as const

async function runOn(page: Page, engine: keyof typeof engines): Promise<void> {
  const name = `on-${engine}`
  await page.goto('/containers/new')
  const choice = page.getByLabel('Engine', { exact: true })
  const option = choice.getByRole('option', { name: engines[engine] })
  await choice.selectOption((await option.textContent()) ?? '')
  await page.getByRole('combobox', { name: 'Image' }).fill(starter)
  await expect(page.getByText(/Nothing to pull/)).toBeVisible()
  await page.getByRole('textbox', { name: /^Name/ }).fill(name)
  await page.getByRole('button', { name: /^Run/ }).click()
  await expect(containerPage.title(page, name)).toBeVisible()
  await expect(containerPage.log(page, name)).toContainText('Serving /www on port 80')
}

test('the same image runs on both engines, from the form to the logs, in one list, until both are removed at once', async () => {
  test.setTimeout(90_000)
  const page = await context.newPage()
  await runOn(page, 'native')
  await runOn(page, 'docker')

  await page.goto('/containers')
  const list = page.getByRole('grid', { name: 'Containers' })
  const native = list.getByRole('row', { name: 'on-native' })
  const docker = list.getByRole('row', { name: 'on-docker' })
  await expect(native.getByRole('gridcell').filter({ hasText: /\sFlotilla$/ })).toBeVisible()
  await expect(docker.getByRole('gridcell').filter({ hasText: /\sDocker Engine$/ })).toBeVisible()
  for (const row of [native, docker]) await expect(row).toContainText('Running')
  await takePictures(page, 'containers-engines', twoLooks)

  await page.getByRole('main').getByRole('button', { name: 'Engine' }).first().click()
  await page.getByRole('menuitemcheckbox', { name: engines.docker }).click()
  await expect(page).toHaveURL(/engine=docker/)
  await expect(native).toHaveCount(0)
  await expect(docker).toBeVisible()
  await page.getByRole('button', { name: 'Clear the filter Engine' }).click()
  await expect(native).toBeVisible()

  await list.getByRole('checkbox', { name: 'Select all rows that are loaded' }).check()
  const bar = page.getByRole('toolbar', { name: 'Actions for the selected containers' })
  await expect(bar).toContainText('2 selected')
  await bar.getByRole('button', { name: 'Stop' }).click()
  await page.getByRole('dialog', { name: 'Stop 2 containers?' }).getByRole('button', { name: 'Stop' }).click()
  for (const row of [native, docker]) await expect(row).toContainText('Exited')
  // What was stopped is still chosen.
  await bar.getByRole('button', { name: 'Remove' }).click()
  await page.getByRole('dialog', { name: 'Remove 2 containers?' }).getByRole('button', { name: 'Remove' }).click()
  await expect(page.getByText('No containers yet')).toBeVisible()
  expect(await daemon.cli('ps', '--all', '--quiet')).toBe('')
})

test('a full disk is told at the image, and nothing of it stays', async ({ registry }) => {
  test.setTimeout(120_000)
  const page = await context.newPage()
  await page.goto('/containers/new')
  await page.getByRole('combobox', { name: 'Image' }).fill(registry.images.slow) // 96 MiB
  await page.getByRole('textbox', { name: /^Name/ }).fill('too-large')
  await page.getByRole('button', { name: /^Run/ }).click()
  const note = page.getByRole('alert').filter({ hasText: 'There is not enough room on the disk' })
  await expect(note).toContainText('remove containers, images, volumes or files that are not needed, or enlarge it')
  await expect(note).toContainText('RESOURCE_EXHAUSTED')
  const { body } = await platform.rest<{ items: { references: string[] }[] }>('GET', '/images?engine=oci')
  expect(body.items.map(({ references }) => references)).toEqual([[starter]])
  expect((await platform.rest<{ total: number }>('GET', '/containers')).body.total).toBe(0)
})
