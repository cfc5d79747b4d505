import { expect, expectAccessible, test } from '../fixtures.ts'

test('what axe finds fails a test, with its rule and its place', async ({ page }) => {
  const document = (inner: string) => `<html lang="en"><title>A page</title><main><h1>A page</h1>${inner}</main></html>`
  await page.setContent(document('<button>Stop</button>'))
  await expectAccessible(page)
  await page.setContent(document('<button id="bare"></button>'))
  await expect(expectAccessible(page)).rejects.toThrow(/button-name[^]*id=\\"bare\\"/)
  await expectAccessible(page, 'colours')
  await page.setContent(document('<p style="color: #ccc; background: #fff">Faint</p>'))
  await expect(expectAccessible(page, 'colours')).rejects.toThrow(/color-contrast[^]*Faint/)
})
