import { confirmStop, containerPage, section } from '../lib/container-page.ts'
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
