import { confirmStop, containerPage, section, typeLine } from '../lib/container-page.ts'
import { signIn } from '@flotilla/testkit/browser/people'
import { expect, starter, test } from '../fixtures.ts'

test('a viewer sees what an owner does, live, and why they may not do it themselves', async ({ page, pageAs, run }) => {
  const viewer = await pageAs('viewer')
  await viewer.goto('/containers')
  await run({ name: 'shared' })
  await expect(viewer.getByRole('row', { name: 'shared' })).toContainText('Running')
  const runButton = viewer.getByRole('button', { name: 'Run', exact: true })
  await expect(runButton).toHaveAttribute('aria-disabled', 'true')
  await runButton.focus()
  await expect(viewer.getByRole('tooltip')).toContainText('Viewer')

  await page.goto('/containers')
  await page.getByRole('row', { name: 'shared' }).getByRole('checkbox').check()
  await page.getByRole('toolbar').getByRole('button', { name: 'Stop' }).click()
  await confirmStop(page)
  await expect(viewer.getByRole('row', { name: 'shared' })).not.toContainText('Running')
})

test('an operator runs containers, but none that reaches beyond its own world', async ({ pageAs, platform }) => {
  const operator = await pageAs('operator')
  await operator.goto('/containers/new')
  await operator.getByRole('combobox', { name: 'Image' }).fill(starter)
  await operator.getByRole('textbox', { name: /^Name/ }).fill('operated')
  await section(operator, 'Security').click()
  await expect(operator.getByLabel('Add capabilities')).toBeDisabled()
  await expect(operator.getByLabel('Add capabilities')).toHaveAccessibleDescription(/Only owners and admins/)
  await section(operator, 'Storage').click()
  await expect(operator.getByRole('button', { name: 'Host folder' })).toBeDisabled()
  await operator.getByRole('button', { name: /^Run/ }).click()
  await expect(containerPage.log(operator, 'operated')).toContainText('Serving')
  await platform.rest('DELETE', '/containers/operated?force=true')
})

test('a right that is taken away while its page is open ends it at once, and the next sign-in shows why', async ({
  browser,
  platform,
  run,
  complaints,
}) => {
  const { id } = await run({ name: 'demoted', command: ['sleep', '3600'] })
  const person = { email: 'olga@example.org', name: 'Olga', password: 'a quiet harbour', role: 'operator' }
  const made = await platform.rest<{ id: string }>('POST', '/people', person)
  expect(made.status, made.text).toBe(200)
  const context = await browser.newContext({
    baseURL: platform.url,
    storageState: await signIn(browser, platform, person),
  })
  complaints.watch(context)
  const page = await context.newPage()
  await page.goto(`/containers/${id}?tab=terminal`)
  await typeLine(page, 'demoted', 'echo typed-$((20 + 3))')
  await expect(containerPage.terminal(page, 'demoted')).toContainText('typed-23')

  const people = await platform.rest<{ userId: string; email: string }[]>('GET', '/people')
  const userId = people.body.find(({ email }) => email === person.email)?.userId ?? ''
  expect((await platform.rest('PATCH', `/people/${userId}`, { role: 'viewer' })).status).toBe(200)
  await expect(page.getByRole('heading', { name: 'Sign in to Flotilla' })).toBeVisible() // without a reload
  await expect(containerPage.terminal(page, 'demoted')).toHaveCount(0)

  await page.getByLabel('E-mail').fill(person.email)
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(new RegExp(`/containers/${id}\\?tab=terminal`))
  await expect(page.getByRole('main')).toContainText('containers.exec')
  const stop = page.getByRole('button', { name: 'Stop', exact: true })
  await expect(stop).toHaveAttribute('aria-disabled', 'true')
  await context.close()
  expect((await platform.rest('DELETE', `/people/${userId}`)).status).toBe(200)
})
