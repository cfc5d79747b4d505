import { expect, expectAccessible, test } from '../fixtures.ts'

test.use({ storageState: { cookies: [], origins: [] } })

test('a stranger signs in and comes to where they wanted to go', async ({ page, platform }) => {
  await page.goto('/containers?q=web')
  await expect(page).toHaveURL(/\/sign-in\?next=/)
  await expect(page.getByLabel('E-mail')).toBeFocused()
  await expectAccessible(page)
  await page.keyboard.type(platform.admin.email)
  await page.keyboard.press('Tab')
  await page.keyboard.type('not this one')
  await page.keyboard.press('Enter')
  await expect(page.getByText('The e-mail address or the password is wrong.')).toBeVisible()
  await page.getByLabel('Password', { exact: true }).fill(platform.admin.password)
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/containers\?q=web$/)
  await expect(page.getByRole('heading', { level: 1, name: 'Containers' })).toBeVisible()

  await page.getByRole('button', { name: 'Ada account' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page.getByRole('heading', { name: 'Sign in to Flotilla' })).toBeVisible()
  await page.goto('/containers')
  await expect(page).toHaveURL(/\/sign-in/)
})

test('whoever guesses is stopped and told how long to wait', async ({ page }) => {
  await page.goto('/sign-in')
  await page.getByLabel('E-mail').fill('nobody@example.org')
  const password = page.getByLabel('Password', { exact: true })
  const guess = async (): Promise<number> => {
    await password.fill('a guess')
    const answer = page.waitForResponse(/sign-in\/email/)
    await password.press('Enter')
    const status = (await answer).status()
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeEnabled()
    return status
  }
  for (let attempt = 1; attempt <= 5; attempt += 1) expect(await guess()).toBe(401)
  // Those of one machine have nothing to do with each other: from there it is one attempt in five seconds.
  await expect(async () => expect(await guess()).toBe(429)).toPass()
  await expect(page.getByText(/Too many failed attempts\. Try again in \d+ seconds?/)).toBeVisible()
})
