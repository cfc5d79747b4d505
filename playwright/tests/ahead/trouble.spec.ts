import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from '@playwright/test'
import { section } from '../../lib/container-page.ts'
import { expect, starter, test } from '../../fixtures.ts'
import { forgetImage } from '../../lib/forget-image.ts'
import { type HostileRegistry, openHostileRegistry } from '../../lib/hostile-registry.ts'
import { openSilentRegistry } from '../../lib/silent-registry.ts'
import { openSlowLine } from '../../lib/slow-line.ts'

let hostile: HostileRegistry
test.beforeAll(async () => {
  hostile = await openHostileRegistry()
})
test.afterAll(() => hostile.close())

async function tryToRun(page: Page, image: string, fill: () => Promise<void> = () => Promise.resolve()): Promise<void> {
  if (!page.url().endsWith('/containers/new')) await page.goto('/containers/new')
  await page.getByRole('combobox', { name: 'Image' }).fill(image)
  await page.getByRole('textbox', { name: /^Name/ }).fill('trouble')
  await fill()
  await page.getByRole('button', { name: /^Run/ }).click()
}

test.afterEach(async ({ platform }) => {
  const { body } = await platform.rest<{ total: number }>('GET', '/containers?search=trouble')
  expect(body.total, 'what failed leaves no container').toBe(0)
})

test('a bad reference, a missing tag, a refused login and a registry that lies are told at the image', async ({
  page,
  registry,
  complaints,
}) => {
  complaints.expect(/status of 503/) // what a broken registry is answered with
  const image = page.getByRole('combobox', { name: 'Image' })
  for (const [reference, words, code] of [
    ['UPPER:a:b', /is not an image reference/, 'INVALID_ARGUMENT'],
    [`${registry.host}/demo/web:nope`, /Check the name and the tag/, 'NOT_FOUND'],
    [`${hostile.host}/demo/closed:1`, /wants a login/, 'UNAUTHENTICATED'],
    [`${hostile.host}/demo/lies:1`, /Nothing of it was kept/, 'UNAVAILABLE'],
  ] as const) {
    await tryToRun(page, reference)
    await expect(page.getByRole('alert').filter({ hasText: words })).toContainText(code)
    await expect(image).toHaveAccessibleDescription(words)
    await expect(image).toBeFocused()
    await expect(image).toHaveValue(reference)
  }
})

test('a registry that drops packets is waited for in sight of everybody, then told at the image', async ({
  page,
  complaints,
}) => {
  test.setTimeout(90_000)
  complaints.expect(/status of 504/)
  const silent = await openSilentRegistry()
  try {
    await tryToRun(page, `${silent.host}/demo/web:1`)
    await expect(page.getByText('On its way')).toBeVisible()
    const words = /does not take connections\. Try again later; if it stays so, check the network and firewalls/
    // Ten seconds for TLS, ten without it, and both are tried once more.
    const alert = page.getByRole('alert').filter({ hasText: words })
    await expect(alert).toContainText('TIMEOUT', { timeout: 60_000 })
    await expect(page.getByRole('combobox', { name: 'Image' })).toHaveAccessibleDescription(words)
    await expect(page.getByRole('combobox', { name: 'Image' })).toBeFocused()
  } finally {
    await silent.stop()
  }
})

test('a command, a name, a limit and a port that cannot be are each told at their place', async ({
  page,
  registry,
  run,
}) => {
  await run({ name: 'taken' })
  await tryToRun(page, registry.images.mute)
  const command = page.getByRole('textbox', { name: 'Command' })
  await expect(command).toHaveAccessibleDescription(/names no command to run.*INVALID_ARGUMENT/)

  const name = page.getByRole('textbox', { name: /^Name/ })
  await page.getByRole('combobox', { name: 'Image' }).fill(starter)
  await name.fill('taken')
  await page.getByRole('button', { name: /^Run/ }).click()
  await expect(name).toHaveAccessibleDescription(/The name taken is taken by another container.*ALREADY_EXISTS/)

  const limit = page.getByLabel('Memory limit')
  await tryToRun(page, starter, async () => {
    await section(page, 'Resources').click()
    await limit.fill('4k')
    await section(page, 'Resources').click()
  })
  await expect(limit).toHaveAccessibleDescription(/less than a container needs to start.*INVALID_ARGUMENT/)
  await expect(limit).toBeVisible() // its section opens
  await limit.fill('')

  const foreign = createServer()
  await new Promise<void>((resolve) => foreign.listen(0, '0.0.0.0', resolve))
  const { port } = foreign.address() as AddressInfo
  await tryToRun(page, starter, async () => {
    await page.getByRole('button', { name: 'Port', exact: true }).click()
    await page.getByLabel('Port of the host 1').fill(String(port))
    await page.getByLabel('Port in the container 1').fill('80')
  })
  await expect(page.getByRole('alert').filter({ hasText: `TCP port ${port} of this host is taken by` })).toBeVisible()
  const ports = page.getByRole('group', { name: 'Published ports' })
  await expect(ports).toContainText(/node.*Choose another port.*CONFLICT/)
  await new Promise((resolve) => foreign.close(resolve))
})

test('what fails after a pull that was watched comes back to the form as it was filled', async ({
  page,
  platform,
  registry,
}) => {
  await forgetImage(platform, registry.images.web)
  const foreign = createServer()
  await new Promise<void>((resolve) => foreign.listen(0, '0.0.0.0', resolve))
  const line = await openSlowLine(registry.host, 512 * 1024)
  const image = registry.images.web.replace(registry.host, line.host)
  try {
    const { port } = foreign.address() as AddressInfo
    await tryToRun(page, image, async () => {
      await page.getByRole('button', { name: 'Port', exact: true }).click()
      await page.getByLabel('Port of the host 1').fill(String(port))
      await page.getByLabel('Port in the container 1').fill('80')
    })
    await expect(page.getByText('On its way')).toBeVisible()
    await expect(page.getByRole('group', { name: 'Published ports' })).toContainText('Choose another port')
    await expect(page.getByRole('combobox', { name: 'Image' })).toHaveValue(image)
    await expect(page.getByLabel('Port of the host 1')).toHaveValue(String(port))
  } finally {
    await line.stop()
    await new Promise((resolve) => foreign.close(resolve))
    await forgetImage(platform, image)
  }
})

test('a pull that fails says why, keeps what was typed and asks for the login', async ({ page }) => {
  await page.goto('/images?pull=1')
  const dialog = page.getByRole('dialog', { name: 'Pull an image' })
  await dialog.getByLabel('Reference').fill(`${hostile.host}/demo/closed:1`)
  await dialog.getByRole('button', { name: 'Pull', exact: true }).click()
  await expect(dialog.getByRole('alert')).toContainText('wants a login')
  await expect(dialog.getByLabel('Reference')).toHaveValue(`${hostile.host}/demo/closed:1`)
  await dialog.getByLabel('User name').fill('ada')
  await dialog.getByLabel('Password or token').fill('wrong')
  await dialog.getByRole('button', { name: 'Pull', exact: true }).click()
  await expect(dialog.getByRole('alert')).toContainText('refused this user name and password')
})
