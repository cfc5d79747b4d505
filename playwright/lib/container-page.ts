import { expect, type Locator, type Page } from '@playwright/test'

/** A container's page as a person sees it. */
export const containerPage = {
  title: (page: Page, name: string): Locator => page.getByRole('heading', { level: 2, name }),
  state: (page: Page, word: string): Locator => page.locator('header').getByText(word, { exact: true }).first(),
  log: (page: Page, name: string): Locator => page.getByRole('log', { name: `Log of ${name}` }),
  tab: (page: Page, name: string): Locator =>
    page.getByRole('navigation', { name: 'Views of the container' }).getByRole('link', { name }),
  terminal: (page: Page, name: string): Locator => page.getByRole('region', { name: `Terminal in ${name}` }),
}

/** Types a line into the terminal once its shell is there. */
export async function typeLine(page: Page, name: string, line: string): Promise<void> {
  await expect(page.getByRole('status').filter({ hasText: 'Connected' })).toBeVisible()
  await containerPage.terminal(page, name).click()
  await page.keyboard.type(line)
  await page.keyboard.press('Enter')
}

/** Unfolds or folds a section of the form. */
export function section(page: Page, title: string): Locator {
  return page.locator('summary').filter({ hasText: new RegExp(`^${title}`) })
}

/** Says yes where the page asks before it stops: only what somebody reaches by a port is asked about. */
export async function confirmStop(page: Page): Promise<void> {
  const sure = page.getByRole('dialog').getByRole('button', { name: 'Stop', exact: true })
  await expect(sure.or(page.getByText('Exited').first())).toBeVisible()
  if (await sure.isVisible()) await sure.click()
}
