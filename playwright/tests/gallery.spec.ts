import type { FleetContainer, FleetImage } from '@flotilla/protocol'
import type { Page } from '@playwright/test'
import { containerPage } from '../lib/container-page.ts'
import { inLooks, takePictures } from '../lib/gallery.ts'
import { look } from '../lib/look.ts'
import { type Places, pages } from '@flotilla/testkit/browser/pages'
import { settled } from '../lib/watch-page.ts'
import { expect, starter, test } from '../fixtures.ts'

const chatty =
  'i=0; while true; do i=$((i+1)); echo "{\\"level\\":\\"info\\",\\"message\\":\\"order $i packed\\"}"; sleep 1; done'

const furniture = [
  {
    name: 'web',
    ports: [{ containerPort: 80 }],
    memoryBytes: 128 * 1024 * 1024,
    cpus: 0.5,
    env: { GREETING: 'hello', STAGE: 'production' },
    labels: { team: 'harbour' },
    restart: { policy: 'unless-stopped' },
  },
  { name: 'orders', command: ['sh', '-c', chatty] },
  { name: 'worker', command: ['sleep', '3600'], memoryBytes: 32 * 1024 * 1024 },
  { name: 'migrate', command: ['sh', '-c', 'echo done; exit 0'] },
  { name: 'import', command: ['sh', '-c', 'echo "no such table: orders" >&2; exit 3'] },
]

const made: string[] = []
let places: Places
test.beforeAll(async ({ platform }) => {
  const hosts = await platform.rest<{ id: string; transport: string }[]>('GET', '/hosts')
  const host = hosts.body.find(({ transport }) => transport === 'socket')?.id ?? ''
  for (const spec of furniture) {
    const input = { image: starter, start: true, ...spec }
    const { status, body, text } = await platform.rest<FleetContainer>('POST', `/hosts/${host}/containers`, input)
    expect(status, text).toBe(200)
    made.push(body.id)
  }
  const images = await platform.rest<{ items: FleetImage[] }>('GET', '/images')
  const image = images.body.items.find(({ references }) => references.includes(starter))?.id ?? ''
  places = { container: made[0] ?? '', image, host }
})
test.afterAll(async ({ platform }) => {
  for (const id of made) await platform.rest('DELETE', `/containers/${id}?force=true`)
})

/** What a page must show before its picture says anything. */
const ready: Record<string, (page: Page) => Promise<void>> = {
  'container-terminal': (page) => expect(page.getByRole('status').filter({ hasText: 'Connected' })).toBeVisible(),
  'container-usage': (page) => expect(page.getByRole('img').first()).toBeVisible(),
  'container-logs': (page) => expect(page.getByRole('log')).toContainText('Serving'),
  'container-kernel': (page) => expect(page.getByText(/\d B\/s read/)).toBeVisible(), // of two readings
}

const rail = (name: string) => (page: Page) =>
  page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name }).click()
const tab = (name: string) => (page: Page) => containerPage.tab(page, name).click()

/** The way to a page from the one before it; where there is none it is opened by its address. */
const ways: Record<string, (page: Page) => Promise<void>> = {
  containers: rail('Containers'),
  'container-logs': tab('Logs'),
  'container-terminal': tab('Terminal'),
  'container-usage': tab('Usage'),
  'container-kernel': tab('Kernel'),
  'container-json': tab('JSON'),
  images: rail('Images'),
  image: (page) =>
    page
      .getByRole('grid', { name: 'Images' })
      .getByRole('link', { name: starter.split(':')[0] })
      .click(),
  host: (page) => page.getByRole('row').filter({ hasText: 'This machine' }).click(),
}

for (const [what, isOfContainer] of [
  ['a container', true],
  ['a fleet', false],
] as const) {
  test(`every page of ${what}, ${inLooks}`, async ({ page }) => {
    test.setTimeout(180_000)
    for (const [name, path] of Object.entries(pages)) {
      if (name.startsWith('container-') !== isOfContainer) continue
      const go = ways[name]
      if (go === undefined) await page.goto(path(places))
      else {
        await go(page)
        await expect(page).toHaveURL(({ pathname, search }) => `${pathname}${search}`.startsWith(path(places))) // a shell adds its own
      }
      await expect(page.locator('#content')).toBeVisible() // an open dialog hides the roles behind it
      await settled(page)
      await ready[name]?.(page)
      await takePictures(page, name)
    }
  })
}

test('pages of somebody who is not signed in', async ({ browser, platform, complaints }) => {
  const storageState = { cookies: [], origins: [] }
  const context = await browser.newContext({ ...look, baseURL: platform.url, storageState })
  complaints.watch(context)
  const page = await context.newPage()
  for (const [name, path, heading] of [
    ['sign-in', '/sign-in', 'Sign in to Flotilla'],
    ['setup-done', '/setup', 'This is set up already'],
  ] as const) {
    await page.goto(path)
    await expect(page.getByRole('heading', { name: heading })).toBeVisible()
    await takePictures(page, name)
  }
  await context.close()
})
