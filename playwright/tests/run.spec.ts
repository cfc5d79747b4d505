import type { FleetContainer } from '@flotilla/protocol'
import { containerPage, section } from '../lib/container-page.ts'
import { expect, starter, test } from '../fixtures.ts'
import { forgetImage } from '../lib/forget-image.ts'

test('every option that the form has reaches the container', async ({ page, platform }) => {
  await page.goto('/containers/new')
  await page.getByRole('combobox', { name: 'Image' }).fill(starter)
  await expect(page.getByText(/Nothing to pull/)).toBeVisible()
  await page.getByRole('textbox', { name: /^Name/ }).fill('all-options')
  await page.getByRole('textbox', { name: 'Command' }).fill(`sh -c 'echo "$GREETING"; sleep 600'`)
  await page.getByRole('button', { name: 'Variable' }).click()
  await page.getByLabel('Environment: name 1').fill('GREETING')
  await page.getByLabel('Environment: value 1').fill(`it's "here"`)
  await section(page, 'Resources').click()
  await page.getByLabel('Memory limit').fill('64m')
  await page.getByLabel('CPU limit').fill('0.5')
  await page.getByLabel('Process limit').fill('50')
  await section(page, 'Process').click()
  await page.getByLabel('User').fill('web')
  await page.getByLabel('Working directory').fill('/tmp')
  await section(page, 'Storage').click()
  await page.getByRole('button', { name: 'Memory', exact: true }).click()
  await page.getByLabel('Size of mount 1').fill('8m')
  await page.getByLabel('Path in the container for mount 1').fill('/scratch')
  await page.getByLabel('Read-only root file system').check()
  await section(page, 'Labels').click()
  await page.getByRole('button', { name: 'Label', exact: true }).click()
  await page.getByLabel('Labels: name 1').fill('team')
  await page.getByLabel('Labels: value 1').fill('blue')
  await expect(page.getByLabel('As docker run')).toContainText(`--env 'GREETING=it'\\''s "here"'`)
  await page.keyboard.press('Control+Enter')

  await expect(containerPage.log(page, 'all-options')).toContainText(`it's "here"`)
  const { body } = await platform.rest<FleetContainer & { detail: Record<string, unknown> }>(
    'GET',
    '/containers/all-options',
  )
  expect(body).toMatchObject({
    labels: { team: 'blue' },
    detail: {
      user: 'web',
      workingDir: '/tmp',
      readOnlyRoot: true,
      limits: { memoryBytes: 64 * 1024 * 1024, cpus: 0.5, pids: 50 },
    },
  })
  expect(JSON.stringify(body.detail['mounts'])).toContain('/scratch')
  await platform.rest('DELETE', '/containers/all-options?force=true')
})

test('an image that is missing is pulled layer by layer, and a reload in the middle comes to the same container', async ({
  page,
  platform,
  registry,
}) => {
  // Another spec may have pulled it into this platform.
  await forgetImage(platform, registry.images.layers)
  await page.goto('/containers/new')
  await page.getByRole('combobox', { name: 'Image' }).fill(registry.images.layers)
  await expect(page.getByText(/will be pulled from 127\.0\.0\.1/)).toBeVisible()
  await page.getByRole('textbox', { name: /^Name/ }).fill('pulled')
  await page.getByRole('button', { name: /^Run/ }).click()
  await page.waitForURL(/operation=|containers\/[0-9a-f]{16}/)
  await page.reload()
  await expect(containerPage.log(page, 'pulled')).toContainText('Serving /www')
  await platform.rest('DELETE', '/containers/pulled?force=true')
})

test('a docker run line fills the form, and says what it has no place for', async ({ page }) => {
  await page.goto('/containers/new')
  await page.getByRole('button', { name: 'Paste one' }).click()
  await page
    .getByRole('textbox', { name: 'Paste a docker run line' })
    .fill(`docker run -d --rm --name shop -p 8080:80 -e A='b c' --memory 1g ${starter} sh -c "echo hi"`)
  await page.getByRole('button', { name: 'Fill the form' }).click()
  await expect(page.getByRole('combobox', { name: 'Image' })).toHaveValue(starter)
  await expect(page.getByRole('textbox', { name: /^Name/ })).toHaveValue('shop')
  await expect(page.getByLabel('Port of the host 1')).toHaveValue('8080')
  await expect(page.getByLabel('Environment: value 1')).toHaveValue('b c')
  await expect(page.getByRole('textbox', { name: 'Command' })).toHaveValue(`sh -c 'echo hi'`)
  await expect(page.getByText('Not taken over from the line')).toBeVisible()
  await expect(page.getByText('--rm', { exact: true })).toBeVisible()
})
