import { expect, expectAccessible, test } from '../fixtures.ts'
import { takePictures } from '../lib/gallery.ts'

test('what a key made is shown where it is revoked, and goes with it', async ({ page, platform }) => {
  await page.goto('/')
  const ask = (path: string, body: object, bearer?: string) =>
    page.request.post(`/api/v1${path}`, {
      data: body,
      headers: { origin: platform.url, ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }) },
    })
  const named = async (name: string) => {
    const made = await ask('/keys', { name })
    expect(made.ok(), await made.text()).toBe(true)
    return ((await made.json()) as { key: string }).key
  }
  const [leaked] = [await named('deploys'), await named('unused')]
  const person = { email: 'made@example.org', name: 'Made', password: 'a quiet harbour', role: 'admin' }
  expect((await ask('/people', person, leaked)).ok()).toBe(true)
  expect((await ask('/hosts/join-tokens', {}, leaked)).ok()).toBe(true)

  const open = async () => {
    await page.getByRole('button', { name: /account/ }).click()
    await page.getByRole('menuitem', { name: 'API keys' }).click()
  }
  await open()
  const dialog = page.getByRole('dialog')
  await takePictures(page, 'api-keys')
  await dialog.getByRole('button', { name: 'Revoke unused' }).click()
  await expect(dialog).toContainText('No people, keys or join tokens')
  await expect(dialog.getByRole('checkbox')).toHaveCount(0)
  await dialog.getByRole('button', { name: 'Revoke', exact: true }).click()
  await expect(dialog.getByRole('button', { name: 'Revoke unused' })).toHaveCount(0)

  await dialog.getByRole('button', { name: 'Revoke deploys' }).click()
  const made = dialog.getByRole('region', { name: 'What it made' })
  await expect(made).toContainText('made@example.org')
  await expect(made).toContainText('join token')
  await expectAccessible(page)
  await takePictures(page, 'api-key-revoked')
  await dialog.getByRole('checkbox', { name: /Remove all of this/ }).check()
  await dialog.getByRole('button', { name: 'Revoke', exact: true }).click()
  await expect(dialog.getByRole('button', { name: 'Revoke deploys' })).toHaveCount(0)
  const emails = async () => (await platform.rest<{ email: string }[]>('GET', '/people')).body.map(({ email }) => email)
  await expect.poll(emails).not.toContain('made@example.org')
  expect((await platform.rest('GET', '/session', undefined, leaked)).status).toBe(401)
})
