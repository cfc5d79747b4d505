import type { FleetContainer, FleetImage } from '@flotilla/protocol'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../lib/dashboard.ts'
import { pagesOf } from '../lib/pages.ts'
import { settled } from '../lib/watch-page.ts'
import { expect, expectAccessible, test } from '../fixtures.ts'

/** Where the pictures go; they are looked at by a person. */
const folder = process.env['FLOTILLA_GALLERY'] ?? join(root, 'playwright/results/gallery')
const sizes = { 1440: { width: 1440, height: 900 }, 390: { width: 390, height: 844 } } as const

async function furnish(run: (spec: Record<string, unknown>) => Promise<FleetContainer>): Promise<FleetContainer> {
  const web = await run({
    name: 'web',
    ports: [{ containerPort: 80 }],
    memoryBytes: 128 * 1024 * 1024,
    cpus: 0.5,
    env: { GREETING: 'hello', STAGE: 'production' },
    labels: { team: 'harbour' },
    restart: { policy: 'unless-stopped' },
  })
  const chatty =
    'i=0; while true; do i=$((i+1)); echo "{\\"level\\":\\"info\\",\\"message\\":\\"order $i packed\\"}"; sleep 1; done'
  await run({ name: 'orders', command: ['sh', '-c', chatty] })
  await run({ name: 'worker', command: ['sleep', '3600'], memoryBytes: 32 * 1024 * 1024 })
  await run({ name: 'migrate', command: ['sh', '-c', 'echo done; exit 0'] })
  await run({ name: 'import', command: ['sh', '-c', 'echo "no such table: orders" >&2; exit 3'] })
  return web
}

for (const theme of ['dark', 'light'] as const) {
  for (const width of [1440, 390] as const) {
    test(`every page, ${theme}, ${width} px: axe finds nothing, and its picture is taken`, async ({
      pageAs,
      run,
      platform,
      hostId,
    }) => {
      test.setTimeout(150_000)
      const web = await furnish(run)
      const { body } = await platform.rest<{ items: FleetImage[] }>('GET', '/images')
      const page = await pageAs('owner', { viewport: sizes[width], colorScheme: theme, reducedMotion: 'reduce' })
      await mkdir(folder, { recursive: true })
      for (const [name, path] of Object.entries(pagesOf(web.id, body.items[0]?.id ?? '', hostId))) {
        await page.goto(path)
        await expect(page.locator('#content')).toBeVisible() // an open dialog hides the roles behind it
        await settled(page)
        if (name === 'container-terminal') {
          await expect(page.getByRole('status').filter({ hasText: 'Connected' })).toBeVisible()
        }
        if (name === 'container-usage') await expect(page.getByRole('img').first()).toBeVisible()
        if (name === 'container-logs') await expect(page.getByRole('log')).toContainText('Serving')
        await expectAccessible(page)
        await page.screenshot({ path: join(folder, `${name}-${theme}-${width}.png`) })
      }
    })
  }
}

test('pages of somebody who is not signed in', async ({ browser, platform, complaints }) => {
  const context = await browser.newContext({ baseURL: platform.url, colorScheme: 'dark' })
  complaints.watch(context)
  const page = await context.newPage()
  await mkdir(folder, { recursive: true })
  for (const [name, path] of [
    ['sign-in', '/sign-in'],
    ['setup-done', '/setup'],
  ] as const) {
    await page.goto(path)
    await expect(page.getByRole('heading').first()).toBeVisible()
    await expectAccessible(page)
    await page.screenshot({ path: join(folder, `${name}-dark-1440.png`) })
  }
  await context.close()
})
