import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from '@playwright/test'
import { section } from '../lib/container-page.ts'
import { expect, starter, test } from '../fixtures.ts'
import { type HostileRegistry, openHostileRegistry } from '../lib/hostile-registry.ts'

let hostile: HostileRegistry
test.beforeAll(async () => {
  hostile = await openHostileRegistry()
})
test.afterAll(() => hostile.close())

async function tryToRun(page: Page, image: string, fill: () => Promise<void> = () => Promise.resolve()): Promise<void> {
  await page.goto('/containers/new')
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
  for (const [reference, words] of [
    ['UPPER:a:b', /is not an image reference/],
    [`${registry.host}/demo/web:nope`, /Check the name and the tag/],
    [`${hostile.host}/demo/closed:1`, /wants a login/],
    [`${hostile.host}/demo/lies:1`, /Nothing of it was kept/],
  ] as const) {
    await tryToRun(page, reference)
    await expect(page.getByRole('alert').filter({ hasText: words })).toBeVisible()
    await expect(image).toHaveAccessibleDescription(words)
    await expect(image).toBeFocused()
    await expect(image).toHaveValue(reference)
  }
})

test('an image without a command is told at the command', async ({ page, registry }) => {
  await tryToRun(page, registry.images.mute)
  const command = page.getByRole('textbox', { name: 'Command' })
  await expect(command).toHaveAccessibleDescription(/names no command to run/)
})

test('a taken name is told at the name', async ({ page, run }) => {
  await run({ name: 'taken' })
  await page.goto('/containers/new')
  await page.getByRole('combobox', { name: 'Image' }).fill(starter)
  const name = page.getByRole('textbox', { name: /^Name/ })
  await name.fill('taken')
  await page.getByRole('button', { name: /^Run/ }).click()
  await expect(name).toHaveAccessibleDescription(/The name taken is taken by container/)
})

test("a port that another program holds is told at the ports, with the program's name", async ({ page }) => {
  const foreign = createServer()
  await new Promise<void>((resolve) => foreign.listen(0, '0.0.0.0', resolve))
  const { port } = foreign.address() as AddressInfo
  await tryToRun(page, starter, async () => {
    await page.getByRole('button', { name: 'Port', exact: true }).click()
    await page.getByLabel('Port of the host 1').fill(String(port))
    await page.getByLabel('Port in the container 1').fill('80')
  })
  await expect(page.getByRole('alert').filter({ hasText: `TCP port ${port} of this host is taken by` })).toBeVisible()
  await expect(page.getByRole('group', { name: 'Published ports' })).toContainText('Choose another port')
  await new Promise((resolve) => foreign.close(resolve))
})

test('a limit below what the kernel takes is told at the limit, whose section opens', async ({ page }) => {
  await tryToRun(page, starter, async () => {
    await section(page, 'Resources').click()
    await page.getByLabel('Memory limit').fill('4k')
    await section(page, 'Resources').click()
  })
  await expect(page.getByLabel('Memory limit')).toHaveAccessibleDescription(/less than a container needs to start/)
  await expect(page.getByLabel('Memory limit')).toBeVisible()
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
