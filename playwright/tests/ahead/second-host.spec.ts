import { createLabHost, type LabHost } from '@flotilla/testkit/lab'
import { type Platform, startPlatform } from '@flotilla/testkit/lab/platform'
import type { FleetHost } from '@flotilla/protocol'
import { dashboard } from '@flotilla/testkit/browser/dashboard'
import { type Desk, takeDesk } from '../../lib/desk.ts'
import { makePerson, signIn } from '@flotilla/testkit/browser/people'
import { expect, test } from '../../fixtures.ts'

let lab: LabHost
let fleet: Platform
let desk: Desk
test.beforeAll(async () => {
  test.setTimeout(120_000)
  lab = await createLabHost({ name: 'harbour' })
  fleet = await startPlatform({ dashboard, listen: lab.outside })
  desk = await takeDesk(lab.outside)
})
test.afterAll(async () => {
  await desk.leave()
  await lab.remove()
  await fleet.close()
})

// The same on an engine in memory is in every run: hosts.spec.ts.
test('a second host joins with the command that the page gives, is cut off and comes back, without a reload', {
  tag: '@long',
}, async ({ complaints }) => {
  test.setTimeout(180_000)
  const { browser } = desk
  const storageState = await signIn(browser, fleet, await makePerson(fleet, 'owner'))
  const context = await browser.newContext({ baseURL: fleet.url, storageState, ignoreHTTPSErrors: true })
  complaints.watch(context)
  const page = await context.newPage()
  await page.goto('/hosts')
  await expect(page.getByRole('row', { name: 'harbour' })).toHaveCount(0)

  const token = await fleet.admins('token', 'create')
  lab.startAgent([process.execPath, fleet.build.agent, 'join', fleet.url], {
    FLOTILLA_JOIN_TOKEN: token,
    FLOTILLA_STARTER_LAYOUT: fleet.build.starter,
    FLOTILLA_ENGINES: 'oci',
  })
  await expect(page.getByRole('row', { name: 'harbour' })).toContainText('Connected', { timeout: 60_000 })
  const host = (await fleet.rest<FleetHost[]>('GET', '/hosts')).body.find(({ name }) => name === 'harbour')

  await page.goto('/containers/new')
  await page.getByLabel('Host', { exact: true }).selectOption('harbour')
  await page.getByRole('button', { name: 'flotilla.local/starter' }).click()
  await page.getByRole('textbox', { name: /^Name/ }).fill('far')
  await page.getByRole('button', { name: /^Run/ }).click()
  await expect(page.getByRole('heading', { level: 2, name: 'far' })).toBeVisible()
  await page.goto('/containers')
  const row = page.getByRole('row', { name: 'far', exact: true })
  await expect(row).toContainText('Running')
  await expect(row).toContainText('harbour')

  await lab.cut()
  await expect(page.getByText('harbour cannot be reached now')).toBeVisible({ timeout: 30_000 })
  await expect(row).toBeVisible()
  await page.goto('/containers/new')
  await expect(page.getByLabel('Host', { exact: true }).getByRole('option', { name: 'harbour (away)' })).toBeDisabled()
  await page.goto('/containers')
  await lab.mend()
  await expect(page.getByText('harbour cannot be reached now')).toHaveCount(0, { timeout: 60_000 })
  await expect(row).toContainText('Running')
  await fleet.rest('DELETE', '/containers/far?force=true')
  await fleet.rest('DELETE', `/hosts/${host?.id ?? ''}`)
  await context.close()
})
