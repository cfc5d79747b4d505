import type { FleetVolume } from '@flotilla/protocol'
import { confirmStop, containerPage, section, typeLine } from '../lib/container-page.ts'
import { takePictures, twoLooks } from '../lib/gallery.ts'
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

test('a viewer is told on every page why they may change nothing there', async ({ pageAs, run, platform, hostId }) => {
  const { id } = await run({ name: 'viewed-1', command: ['/bin/sh', '-c', 'echo ready; exec sleep 1000'] })
  const volume = await platform.rest<FleetVolume>('POST', `/hosts/${hostId}/volumes`, { name: 'seen' })
  expect(volume.status, volume.text).toBe(200)
  const page = await pageAs('viewer')
  const go = (name: string) => page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name }).click()
  await page.goto(`/containers/${id}`)
  const stop = page.getByRole('button', { name: 'Stop', exact: true })
  await expect(stop).toHaveAttribute('aria-disabled', 'true')
  await stop.hover()
  await expect(page.getByRole('tooltip')).toContainText('containers.operate')
  await containerPage.tab(page, 'Terminal').click()
  await expect(page.getByRole('main')).toContainText('containers.exec')
  await containerPage.tab(page, 'Logs').click()
  await expect(containerPage.log(page, 'viewed-1')).toContainText('ready')

  await go('Hosts')
  const add = page.getByRole('button', { name: 'Add host' })
  await expect(add).toHaveAttribute('aria-disabled', 'true')
  await add.focus()
  await expect(page.getByRole('tooltip')).toContainText('hosts.manage')

  await go('Networks')
  await page.getByRole('button', { name: 'Create network' }).hover()
  await expect(page.getByRole('tooltip')).toContainText('networks.create')
  await page.getByRole('link', { name: 'bridge' }).click()
  await expect(page.getByRole('button', { name: 'Connect a container' })).toHaveAttribute('aria-disabled', 'true')

  await go('Volumes')
  await page.getByRole('button', { name: 'Create volume' }).hover()
  await expect(page.getByRole('tooltip')).toContainText('volumes.create')
  await page.getByRole('link', { name: 'seen' }).click()
  await expect(page.getByRole('button', { name: 'Remove' })).toHaveAttribute('aria-disabled', 'true')
  await page.getByRole('link', { name: 'Files' }).click()
  await expect(page.getByText('The files cannot be browsed')).toBeVisible()
  await expect(page.getByText(/volumes\.files\.read/)).toBeVisible()
  expect((await platform.rest('DELETE', `/volumes/${volume.body.id}`)).status).toBe(200)
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

test('an operator is told on its page why a container that reaches its host gives them no terminal', async ({
  pageAs,
  page,
  run,
}) => {
  const { id } = await run({ name: 'reaching', command: ['sleep', '3600'], capAdd: ['SYS_ADMIN'] })
  const operator = await pageAs('operator')
  await operator.goto(`/containers/${id}`)
  await expect(operator.getByRole('main')).toContainText('it has CAP_SYS_ADMIN')
  await takePictures(operator, 'container-reaching', twoLooks)
  await containerPage.tab(operator, 'Terminal').click()
  await expect(operator.getByRole('main')).toContainText('containers.create.privileged')
  await expect(containerPage.terminal(operator, 'reaching')).toHaveCount(0)
  await page.goto(`/containers/${id}?tab=terminal`)
  await expect(containerPage.terminal(page, 'reaching')).toBeVisible()
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
