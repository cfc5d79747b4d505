import { expect, expectAccessible, test } from '../fixtures.ts'

test('says what is wrong with its cause and where to mend it, what changed and by whom, and what is in use', async ({
  page,
  run,
}) => {
  await page.goto('/')
  await run({ name: 'broken', command: ['sh', '-c', 'exit 3'] })
  const wrong = page.getByRole('region', { name: 'Wrong now' })
  await expect(wrong.getByText('broken ended with exit code 3')).toBeVisible()
  const changed = page.getByRole('region', { name: 'Last hour' })
  await expect(changed.getByRole('listitem').filter({ hasText: 'broken' }).first()).toContainText('exit code 3')

  await run({ name: 'steady' })
  await expect(changed.getByRole('listitem').filter({ hasText: 'steady' })).toContainText('started by Ada')
  const used = page.getByRole('region', { name: 'In use' })
  await expect(used.getByRole('meter', { name: 'Memory' })).toHaveAttribute('aria-valuenow', /^\d+$/)
  await expect(used).toContainText(/[1-9]\d* of \d+ running/)
  await expectAccessible(page)

  await wrong.getByRole('link', { name: 'Logs: broken ended with exit code 3' }).click()
  await expect(page).toHaveURL(/\/containers\/[0-9a-f]+\?tab=logs$/)
})

test('a control plane that is away is said, and the page mends itself when it is back', async ({
  page,
  platform,
  complaints,
}) => {
  complaints.expect(/ERR_CONNECTION_(REFUSED|RESET)|ERR_INCOMPLETE_CHUNKED_ENCODING|WebSocket connection/)
  await page.goto('/')
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await platform.stopControlPlane()
  await expect(page.getByText(/\d+s old/)).toBeVisible()
  await page.keyboard.press('?') // what this opens may be still to be fetched, and is then fetched when there is something to ask
  await platform.startControlPlane()
  await platform.connected()
  await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByText('Live', { exact: true })).toBeVisible({ timeout: 30_000 })
})
