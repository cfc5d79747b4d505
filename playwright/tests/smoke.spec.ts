import { expect, test } from '../fixtures.ts'

test('opens', async ({ page, registry }) => {
  await page.goto('/containers/new')
  await expect(page.getByRole('combobox', { name: 'Image' })).toBeFocused()
  await page.goto('/images')
  await expect(page.getByRole('row', { name: 'flotilla.local/starter' })).toBeVisible()
  expect(registry.host).not.toBe('')
})
