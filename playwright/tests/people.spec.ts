import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import { signIn } from '@flotilla/testkit/browser/people'
import type { Platform } from '@flotilla/testkit/lab/platform'
import { expect, expectAccessible, test } from '../fixtures.ts'
import { takePictures } from '../lib/gallery.ts'

/** As if everybody had signed in an hour ago. */
async function ageSignIns({ dataDir }: Platform): Promise<void> {
  const folder = join(dataDir, 'postgres')
  const password = (await readFile(join(folder, 'password'), 'utf8')).trim()
  const database = new Client({ host: folder, user: 'flotilla', database: 'flotilla', password })
  await database.connect()
  await database.query("UPDATE session SET created_at = now() - interval '1 hour'")
  await database.end()
}

test('who makes an owner in a browser that was left open is asked for the password once more', async ({
  browser,
  platform,
  complaints,
}) => {
  const person = { email: 'nora@example.org', name: 'Nora', password: 'a quiet harbour', role: 'viewer' }
  const made = await platform.rest<{ userId: string }>('POST', '/people', person)
  expect(made.status, made.text).toBe(200)
  const storageState = await signIn(browser, platform, platform.admin)
  const context = await browser.newContext({ baseURL: platform.url, storageState })
  complaints.watch(context)
  const page = await context.newPage()
  await page.goto('/')
  const account = page.getByRole('button', { name: /account/ })
  await expect(account).toBeVisible()
  await ageSignIns(platform)
  await account.click()
  await page.getByRole('menuitem', { name: 'People' }).click()
  const dialog = page.getByRole('dialog')
  const roleOf = async () => {
    const { body } = await platform.rest<{ email: string; role: string }[]>('GET', '/people')
    return body.find(({ email }) => email === person.email)?.role
  }
  complaints.expect(/403|401/)
  await dialog.getByRole('button', { name: 'Change role of Nora' }).click()
  await dialog.getByLabel('Role').selectOption('admin')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toContainText('Admin, nora@example.org') // whatever makes no owner asks for nothing
  await dialog.getByRole('button', { name: 'Change role of Nora' }).click()
  await dialog.getByLabel('Role').selectOption('owner')
  await dialog.getByRole('button', { name: 'Save' }).click()
  const password = dialog.getByLabel('Password', { exact: true })
  await expect(password).toBeVisible()
  expect(await roleOf()).toBe('admin')
  await expectAccessible(page)
  await takePictures(page, 'password-again')
  await password.fill('not the password')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toContainText('The role was not changed')
  expect(await roleOf()).toBe('admin')
  await password.fill(platform.admin.password)
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toContainText('Owner, nora@example.org')
  expect(await roleOf()).toBe('owner')
  await takePictures(page, 'people')
  await context.close()
  expect((await platform.rest('DELETE', `/people/${made.body.userId}`)).status).toBe(200)
})
