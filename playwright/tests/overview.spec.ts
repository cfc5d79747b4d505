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
