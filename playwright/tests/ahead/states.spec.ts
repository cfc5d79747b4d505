import { type Platform, startPlatform } from '@flotilla/testkit/lab/platform'
import type { FleetImage } from '@flotilla/protocol'
import type { BrowserContext, Page } from '@playwright/test'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dashboard } from '@flotilla/testkit/browser/dashboard'
import { isFull, takePictures, twoLooks } from '../../lib/gallery.ts'
import { look } from '../../lib/look.ts'
import { signIn } from '@flotilla/testkit/browser/people'
import { settled, type Complaints } from '../../lib/watch-page.ts'
import { expect, test } from '../../fixtures.ts'

// One fleet that is large, then away, then without its control plane, then empty. Its engine is one in memory: what is looked
// at here is the screen.

/** Volumes, and networks with the default one: a thousand of those are in the long run. */
const beside = isFull ? 1000 : 90

let fleet: Platform
let context: BrowserContext
test.beforeAll(async ({ browser }) => {
  const env = { FLOTILLA_FAKE_VOLUMES: String(beside), FLOTILLA_FAKE_NETWORKS: String(beside - 1) }
  fleet = await startPlatform({ dashboard, fake: 1000, env })
  context = await browser.newContext({
    baseURL: fleet.url,
    ...look,
    storageState: await signIn(browser, fleet, fleet.admin),
  })
})
test.afterAll(async () => {
  await context.close()
  await fleet.close()
})

/** Lists beside that of containers which are as long. */
const nouns = [
  ['volumes', 'Volumes'],
  ['networks', 'Networks'],
] as const

async function open(path: string, complaints: Complaints): Promise<Page> {
  complaints.watch(context)
  const page = await context.newPage()
  await page.goto(path)
  await settled(page)
  return page
}

const go = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: true }).click()

test('a thousand rows are one list that scrolls to its end', async ({ complaints }) => {
  const page = await open('/containers', complaints)
  await expect(page.getByText('1,000 containers')).toBeVisible()
  const list = page.getByRole('grid', { name: 'Containers' })
  await expect(list).toHaveAttribute('aria-rowcount', '1001')
  expect(await list.getByRole('row').count()).toBeLessThan(100)
  await takePictures(page, 'containers-1000', twoLooks)
  await page.keyboard.press('j')
  await expect(async () => {
    await page.keyboard.press('End')
    await expect(list.getByRole('row').last()).toHaveAttribute('aria-rowindex', '1001', { timeout: 1000 })
  }).toPass()
  await page.getByRole('searchbox', { name: 'Search containers' }).fill('billing-cache')
  await expect(list.getByRole('row', { name: /^billing-cache/ }).first()).toBeVisible()
  await expect(list.getByRole('row', { name: /^archive/ })).toHaveCount(0)
  await page.goto('/')
  await expect(page.getByRole('region', { name: 'In use' })).toContainText('700 of 1,000 running')
  await takePictures(page, 'overview-1000', twoLooks)
  await page.close()
})

for (const [name, title] of nouns) {
  // The list is the same component for every noun: containers show it every day.
  test(`a thousand ${name} are one list that scrolls to its end`, { tag: '@long' }, async ({ complaints }) => {
    const page = await open(`/${name}`, complaints)
    await expect(page.getByText(`1,000 ${name}`)).toBeVisible()
    const rows = page.getByRole('grid', { name: title }).getByRole('row')
    expect(await rows.count()).toBeLessThan(100)
    await takePictures(page, `${name}-1000`, twoLooks)
    await page.keyboard.press('j')
    await expect(async () => {
      await page.keyboard.press('End')
      await expect(rows.last()).toHaveAttribute('aria-rowindex', '1001', { timeout: 1000 })
    }).toPass()
    await page.close()
  })
}

test('an image that many use shows the first of them, and leads to the list of all', async ({ complaints }) => {
  const page = await open('/images?sort=used&order=desc', complaints)
  await page.getByRole('grid', { name: 'Images' }).getByRole('row').nth(1).getByRole('link').first().press('Enter')
  const all = page.getByRole('link', { name: /^All [\d,]+ in the list of containers$/ })
  const count = (await all.innerText()).replace(/[^\d,]/g, '')
  await takePictures(page, 'image-used-by-many', twoLooks)
  await all.press('Enter')
  await expect(page.getByText(`${count} containers`)).toBeVisible()
  await takePictures(page, 'containers-of-an-image', twoLooks)
  await page.getByRole('button', { name: 'Clear the filter Image' }).click()
  await expect(page.getByText('1,000 containers')).toBeVisible()
  await page.close()
})

test('what is known of a host that is away stays, dimmed, with its age', async ({ complaints }) => {
  const page = await open('/containers', complaints)
  await expect(page.getByText('1,000 containers')).toBeVisible()
  complaints.expect(/status of 503/) // what is unused is asked of the host
  const prune = await open('/volumes?prune=1', complaints)
  await prune.getByRole('button', { name: 'All unused' }).click()
  const unused = beside - Math.ceil(beside / 3)
  await expect(prune.getByText(new RegExp(`^${unused} volumes,`))).toBeVisible()
  const volume = await open('/volumes?q=archive-api-51-data', complaints)
  await volume.getByRole('link', { name: 'archive-api-51-data' }).click()
  await expect(volume.getByText('Not measured yet')).toBeVisible()
  await fleet.killAgent()
  await expect(page.getByText('cannot be reached now')).toBeVisible()
  await expect(page.getByText('1,000 containers')).toBeVisible()
  await takePictures(page, 'containers-stale', twoLooks)
  await page.getByRole('link', { name: 'archive-api-51', exact: true }).click()
  await expect(page.getByRole('heading', { level: 2, name: 'archive-api-51' })).toBeVisible()
  await settled(page)
  await takePictures(page, 'container-stale', twoLooks)
  await expect(prune.getByText('No host can be asked now')).toBeVisible()
  await expect(prune.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true })).toBeDisabled()
  await takePictures(prune, 'volumes-prune-away', twoLooks)
  await prune.close()
  await expect(volume.getByRole('button', { name: 'Measure' })).toHaveAttribute('aria-disabled', 'true')
  await takePictures(volume, 'volume-stale', twoLooks)
  await volume.close()
  for (const [name, title] of nouns) {
    await go(page, title)
    await expect(page.getByText(`${beside.toLocaleString('en')} ${name}`)).toBeVisible()
    await expect(page.getByText('cannot be reached now')).toBeVisible()
    await takePictures(page, `${name}-stale`, twoLooks)
  }
  await go(page, 'Hosts')
  await page.getByRole('row').filter({ hasText: 'This machine' }).click()
  await expect(page.getByText('It cannot be reached now')).toBeVisible()
  await takePictures(page, 'host-stale', twoLooks)
  await go(page, 'Overview')
  await expect(page.getByRole('region', { name: 'Wrong now' })).toContainText('cannot be reached')
  await takePictures(page, 'overview-stale', twoLooks)
  await fleet.startAgent()
  await expect(page.getByRole('region', { name: 'Wrong now' })).toHaveCount(0)
  await page.close()
})

test('a database that is killed is there again by itself; where the control plane is gone the lists say so, offer another try, and come back', async ({
  complaints,
}) => {
  test.setTimeout(90_000)
  complaints.expect(
    /ERR_CONNECTION_(REFUSED|RESET)|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE|status of 50\d|WebSocket connection/,
  )
  const containers = await open('/containers', complaints)
  const images = await open('/images', complaints)
  const volumes = await open('/volumes', complaints)
  const networks = await open('/networks', complaints)
  await expect(containers.getByText('1,000 containers')).toBeVisible()
  const [pid] = (await readFile(join(fleet.dataDir, 'postgres/data/postmaster.pid'), 'utf8')).split('\n')
  process.kill(Number(pid), 'SIGKILL')
  await expect.poll(async () => (await fleet.rest('GET', '/people')).status, { timeout: 20_000 }).toBe(200)
  await fleet.stopControlPlane()
  await expect(containers.getByText(/\d+s old/)).toBeVisible()
  await expect(containers.getByText('1,000 containers')).toBeVisible() // what was known stays
  await containers.getByRole('searchbox').fill('billing')
  for (const page of [images, volumes, networks]) await page.getByRole('searchbox').fill('nothing')
  const others = [images, volumes, networks]
  for (const page of [containers, ...others]) {
    const note = page.getByRole('alert').filter({ hasText: 'could not be' })
    await expect(note).toContainText('Flotilla did not answer. Check that it runs')
    await expect(note).toContainText('UNAVAILABLE')
    await note.getByRole('button', { name: 'Try again' }).click()
    await expect(note).toBeVisible()
    await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible() // the frame does not go with the list
  }
  await takePictures(containers, 'containers-failed', twoLooks)
  await takePictures(images, 'images-failed', twoLooks)
  await takePictures(volumes, 'volumes-failed', twoLooks)
  await takePictures(networks, 'networks-failed', twoLooks)
  await fleet.startControlPlane()
  await expect(containers.getByRole('row', { name: /^billing-/ }).first()).toBeVisible()
  for (const page of others) await expect(page.getByText('could not be')).toHaveCount(0)
  await expect(containers.getByText('Live', { exact: true })).toBeVisible()
  await containers.close()
  for (const page of others) await page.close()
})

test('where nothing is yet, each list says what it is and what to do', async ({ complaints }) => {
  await fleet.stopAgent()
  await fleet.startAgent({ FLOTILLA_FAKE_CONTAINERS: '0', FLOTILLA_FAKE_VOLUMES: '0', FLOTILLA_FAKE_NETWORKS: '0' })
  const { body } = await fleet.rest<{ items: FleetImage[] }>('GET', '/images')
  for (const { id } of body.items) await fleet.rest('DELETE', `/images/${id}?force=true`)
  const page = await open('/', complaints)
  await expect(page.getByText('Nothing is wrong.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Run a container' })).toBeVisible()
  await takePictures(page, 'overview-empty', twoLooks)
  await go(page, 'Containers')
  await expect(page.getByText('No containers yet')).toBeVisible()
  await expect(page.getByRole('main').getByRole('button', { name: 'Run' })).toHaveCount(2)
  await takePictures(page, 'containers-empty', twoLooks)
  await go(page, 'Images')
  await expect(page.getByText('No images yet')).toBeVisible()
  await takePictures(page, 'images-empty', twoLooks)
  await go(page, 'Volumes')
  await expect(page.getByText('No volumes yet')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Remove unused' })).toHaveCount(1) // nothing is unused where nothing is
  await takePictures(page, 'volumes-empty', twoLooks)
  await go(page, 'Networks') // an engine's own is always there
  await expect(page.getByText('1 network', { exact: true })).toBeVisible()
  await takePictures(page, 'networks-one', twoLooks)
  await page.close()
})
