import { containerPage, typeLine } from '../lib/container-page.ts'
import { expect, test } from '../fixtures.ts'

// Its parts are seen where logs, terminals and lists are.
test('a killed agent: the page says so, the container runs on, and all is back without a reload', {
  tag: '@long',
}, async ({ page, platform, run }) => {
  test.setTimeout(120_000)
  const container = await run({
    name: 'survivor',
    command: ['sh', '-c', 'i=0; while true; do i=$((i+1)); echo "line $i"; sleep 0.2; done'],
  })
  await page.goto(`/containers/${container.id}?tab=logs`)
  await expect(containerPage.log(page, 'survivor')).toContainText('line 2')
  await containerPage.tab(page, 'Terminal').click()
  await typeLine(page, 'survivor', 'echo shell-$$-is-here')
  await expect(containerPage.terminal(page, 'survivor')).toContainText(/shell-\d+-is-here/)
  const shell = /shell-(\d+)-is-here/.exec((await containerPage.terminal(page, 'survivor').textContent()) ?? '')?.[1]

  await platform.killAgent()
  await page.goto('/containers')
  await expect(page.getByText(/cannot be reached now/).first()).toBeVisible({ timeout: 30_000 })
  await expect(page.getByRole('row', { name: 'survivor' })).toBeVisible()
  await platform.startAgent()
  await expect(page.getByText(/cannot be reached now/)).toHaveCount(0)
  await expect(page.getByRole('row', { name: 'survivor' })).toContainText('Running')

  await page.goto(`/containers/${container.id}?tab=terminal`)
  await typeLine(page, 'survivor', 'echo again-$$')
  await expect(containerPage.terminal(page, 'survivor')).toContainText(`again-${shell}`)
})
