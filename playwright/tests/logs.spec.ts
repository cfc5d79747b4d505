import type { Locator } from '@playwright/test'
import { readFile } from 'node:fs/promises'
import { containerPage } from '../lib/container-page.ts'
import { expect, expectAccessible, test } from '../fixtures.ts'

/** Some ten numbered lines a tick; every hundredth is an error on the other stream. */
const chatty = [
  '/bin/sh',
  '-c',
  `trap 'exit 0' TERM
   i=0
   while :; do
     j=0
     while [ $j -lt 10 ]; do i=$((i+1)); j=$((j+1)); echo "line $i"; [ $((i%100)) = 0 ] && echo "ERROR number $i" >&2; done
     sleep 0.1 & wait $!
   done`,
]

/** What is asked of the element that scrolls; the tests are compiled without the browser's types. */
interface Scroller {
  scrollHeight: number
  scrollTop: number
  clientHeight: number
}

/** A line of so many hundreds or more; whole, since the next line's time of day follows it in the page's text. */
const lineFrom = (log: Locator, hundreds: number): Locator =>
  log.getByText(new RegExp(`^line ([${hundreds}-9]\\d\\d|\\d{4,})$`)).first()

const numbers = (text: string): number[] => [...text.matchAll(/line (\d+)$/gm)].map(([, digits]) => Number(digits))

test('a chatty log opens at its end and follows; scrolling up pauses it until one wants the end again', async ({
  page,
  run,
}) => {
  const { id } = await run({ name: 'logs-1', command: chatty })
  await page.goto(`/containers/${id}?tab=logs`)
  const log = containerPage.log(page, 'logs-1')
  const atEnd = () =>
    log.evaluate((element: Scroller) => element.scrollHeight - element.scrollTop - element.clientHeight < 10)
  await expect(lineFrom(log, 1)).toBeVisible()
  expect(await atEnd()).toBe(true)
  await expect(page.getByText('Following')).toBeVisible()

  await log.hover()
  await page.mouse.wheel(0, -600)
  await expect(page.getByText('Paused')).toBeVisible()
  const pill = page.getByRole('button', { name: /new lines?$/ })
  await expect(pill).toBeVisible()
  const place = await log.evaluate((element: Scroller) => element.scrollTop)
  const before = await pill.textContent()
  await expect(pill).not.toHaveText(before ?? '')
  expect(await log.evaluate((element: Scroller) => element.scrollTop)).toBe(place)
  await pill.click()
  await expect(page.getByText('Following')).toBeVisible()
  await expect.poll(atEnd).toBe(true)
})

test('what is looked for is marked and counted; streams and levels are told apart', async ({ page, run }) => {
  const { id } = await run({
    name: 'logs-2',
    command: ['/bin/sh', '-c', 'for i in 1 2 3; do echo "INFO pear $i"; echo "ERROR plum $i" >&2; done; sleep 1000'],
  })
  await page.goto(`/containers/${id}?tab=logs`)
  const log = containerPage.log(page, 'logs-2')
  await expect(log).toContainText('plum 3')
  await page.keyboard.press('/')
  await page.keyboard.type('pear')
  await expect(page.getByText('3', { exact: true })).toBeVisible()
  await expect(log.getByText('pear', { exact: true })).toHaveCount(3)
  await page.getByRole('button', { name: 'Show only lines that match' }).click()
  await expect(log).not.toContainText('plum')
  await page.getByRole('searchbox', { name: 'Find in the log' }).fill('p(ea|lu)[rm] 2')
  await page.getByRole('button', { name: 'Regular expression' }).click()
  await expect(log).toContainText('plum 2')
  await expect(log).not.toContainText('pear 1')
  await page.getByRole('searchbox', { name: 'Find in the log' }).fill('')

  await page.getByRole('button', { name: 'Stream' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Standard error' }).click()
  await expect(log).not.toContainText('pear')
  await expect(log).toContainText('plum 1')
  await expect(page).toHaveURL(/stream=stderr/)
  await page.getByRole('button', { name: 'Clear the filter Stream' }).click()
  await page.getByRole('button', { name: 'Level' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Info' }).click()
  await page.keyboard.press('Escape')
  await expect(log).not.toContainText('plum')
  await expect(log).toContainText('pear 1')
  await expectAccessible(page)
})

test('times are shown when wanted, and a line has an address of its own', async ({ page, run }) => {
  const { id } = await run({ name: 'logs-3', command: ['/bin/sh', '-c', 'seq 1 400; sleep 1000'] })
  await page.goto(`/containers/${id}?tab=logs`)
  const log = containerPage.log(page, 'logs-3')
  await expect(log).toContainText('400')
  await expect(log.getByRole('time').first()).toBeVisible()
  await page.getByRole('button', { name: 'Display' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Times' }).click()
  await expect(log.getByRole('time')).toHaveCount(0)
  await log.getByText('399', { exact: true }).click()
  await expect(page.getByRole('button', { name: 'Copy link' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Copy line' })).toBeVisible()
})

test('the download holds every line once and in order, and a reload shows the same log', async ({
  page,
  run,
  platform,
}) => {
  const { id } = await run({ name: 'logs-4', command: chatty })
  await page.goto(`/containers/${id}?tab=logs`)
  const log = containerPage.log(page, 'logs-4')
  await expect(lineFrom(log, 1)).toBeVisible()
  await page.reload()
  await expect(lineFrom(log, 2)).toBeVisible()
  await platform.rest('POST', `/containers/${id}/stop`)
  await expect(page.getByText('The container has ended; this is all it printed')).toBeVisible()
  const waiting = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download the whole log' }).click()
  const download = await waiting
  expect(download.suggestedFilename()).toBe('logs-4.log')
  const text = await readFile(await download.path(), 'utf8')
  const found = numbers(text)
  expect(found.length).toBeGreaterThanOrEqual(200)
  expect(found).toEqual(found.map((_, index) => index + 1))
  const shown = await page.getByText(/^[\d,]+ lines$/).textContent()
  expect(Number(shown?.replace(/\D/g, ''))).toBe(text.trimEnd().split('\n').length)
})

test('a log goes on when its container is started again', async ({ page, run, platform }) => {
  const { id } = await run({ name: 'logs-5', command: ['/bin/sh', '-c', 'echo hello from $$; exit 0'] })
  await page.goto(`/containers/${id}?tab=logs`)
  const log = containerPage.log(page, 'logs-5')
  await expect(log.getByText('hello from 1')).toHaveCount(1)
  await platform.rest('POST', `/containers/${id}/start`)
  await expect(log.getByText('The container was started again')).toBeVisible()
  await expect(log.getByText('hello from 1')).toHaveCount(2)
})

test('a log goes on where it stopped when the agent was killed', async ({ page, run, platform }) => {
  const { id } = await run({ name: 'logs-6', command: chatty })
  await page.goto(`/containers/${id}?tab=logs`)
  await expect(lineFrom(containerPage.log(page, 'logs-6'), 1)).toBeVisible()
  await platform.killAgent()
  await expect(page.getByText('The connection is cut; lines go on where they stopped when it is back')).toBeVisible()
  await platform.startAgent()
  await expect(page.getByText('Following')).toBeVisible()
  await platform.rest('POST', `/containers/${id}/stop`)
  await expect(page.getByText('The container has ended; this is all it printed')).toBeVisible()
  const { text } = await platform.rest('GET', `/containers/${id}/logs`)
  const shown = await page.getByText(/^[\d,]+ lines$/).textContent()
  expect(Number(shown?.replace(/\D/g, ''))).toBe(text.trimEnd().split('\n').length)
})
