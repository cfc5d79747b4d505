import { expect, expectAccessible, test } from '../fixtures.ts'
import { joinSecondHost } from '../lib/second-host.ts'

test('a host shows its facts, its use, its engines with what they can, and why it cannot be removed', async ({
  page,
}) => {
  await page.goto('/hosts')
  await expect(page.getByRole('row').filter({ hasText: 'This machine' })).toContainText('Connected')
  await expectAccessible(page)
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/hosts\/[0-9a-f]+$/)
  const main = page.getByRole('main')
  await expect(main.getByText('Debian')).toBeVisible()
  await expect(main.getByRole('meter', { name: 'Disk' })).toBeVisible()
  await expect(main.getByText('runc', { exact: true })).toBeVisible()
  await expect(main.getByRole('region', { name: 'Capabilities' })).toContainText('unpause')
  await expectAccessible(page)
  const remove = page.getByRole('button', { name: 'Remove' })
  await expect(remove).toHaveAttribute('aria-disabled', 'true')
  await remove.focus()
  await expect(page.getByRole('tooltip')).toContainText('Flotilla itself runs on this host')
})

test('a second host joins with one command, goes away, comes back, and is removed', async ({ page, platform }) => {
  test.setTimeout(150_000)
  await page.goto('/hosts')
  await page.getByRole('button', { name: 'Add host' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add a host' })
  const command = (await dialog.getByTestId('join-command').textContent()) ?? ''
  expect(command).toContain(`join ${platform.url}`)
  await expect(dialog.getByText('Waiting for the host to join')).toBeVisible()
  await expectAccessible(page)

  const second = await joinSecondHost(platform, command)
  try {
    await expect(dialog.getByText('Connected')).toBeVisible({ timeout: 30_000 })
    await dialog.getByRole('link', { name: 'Open' }).click()
    await expect(page.getByText(/of 3 containers running/)).toBeVisible()
    await expect(page.getByText('WebSocket')).toBeVisible()

    await second.kill()
    await expect(page.getByText('It cannot be reached now')).toBeVisible({ timeout: 30_000 })
    await expect(page.getByText(/What you see is what it said/)).toBeVisible()
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Overview' }).click()
    await expect(page.getByRole('region', { name: 'Wrong now' })).toContainText('cannot be reached')
    await page.getByRole('link', { name: /^Open host:/ }).click()

    second.start()
    await expect(page.getByText('It cannot be reached now')).toBeHidden({ timeout: 30_000 })
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove host' }).click()
    await expect(page).toHaveURL(/\/hosts$/)
    await expect(page.getByRole('row').filter({ hasText: 'WebSocket' })).toHaveCount(0)
  } finally {
    await second.stop()
  }
})

test('a viewer sees hosts and why they may add none', async ({ pageAs }) => {
  const page = await pageAs('viewer')
  await page.goto('/hosts')
  const add = page.getByRole('button', { name: 'Add host' })
  await expect(add).toHaveAttribute('aria-disabled', 'true')
  await add.focus()
  await expect(page.getByRole('tooltip')).toContainText('hosts.manage')
})
