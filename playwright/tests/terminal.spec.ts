import type { Page } from '@playwright/test'
import { containerPage, typeLine } from '../lib/container-page.ts'
import { expect, expectAccessible, test } from '../fixtures.ts'

const sleep = ['/bin/sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1 & wait; done']

/** The first match of a pattern in what the terminal shows. */
async function shown(page: Page, name: string, pattern: RegExp): Promise<string> {
  const terminal = containerPage.terminal(page, name)
  await expect(terminal).toContainText(pattern)
  return pattern.exec((await terminal.textContent()) ?? '')?.[1] ?? ''
}

test('a reload comes back to the same shell with what it printed, and it outlives a killed agent', async ({
  page,
  run,
  platform,
}) => {
  const { id } = await run({ name: 'term-1', command: sleep })
  await page.goto(`/containers/${id}?tab=terminal`)
  await typeLine(page, 'term-1', 'echo shell=$$=')
  const shell = await shown(page, 'term-1', /shell=(\d+)=/)
  await page.reload()
  const terminal = containerPage.terminal(page, 'term-1')
  await expect(terminal).toContainText(`shell=${shell}=`)
  await typeLine(page, 'term-1', 'echo again=$$=')
  await expect(terminal).toContainText(`again=${shell}=`)
  await expectAccessible(page)
  await platform.killAgent()
  await platform.startAgent()
  await typeLine(page, 'term-1', 'echo still=$$=')
  await expect(terminal).toContainText(`still=${shell}=`)
})

test('UTF-8 goes in and comes out whole, Ctrl-C ends what runs, and Enter opens another shell after one that ended', async ({
  page,
  run,
}) => {
  const { id } = await run({ name: 'term-2', command: sleep })
  await page.goto(`/containers/${id}?tab=terminal`)
  const terminal = containerPage.terminal(page, 'term-2')
  await typeLine(page, 'term-2', "printf 'Grüße ×2 [%s]\\n' 'naïve'")
  await expect(terminal).toContainText('Grüße ×2 [naïve]')
  await typeLine(page, 'term-2', "printf '\\342\\234\\223 done\\n'")
  await expect(terminal).toContainText('✓ done')

  await typeLine(page, 'term-2', 'echo wait$((1+1)); sleep 1000')
  await expect(terminal).toContainText('wait2')
  await page.keyboard.press('Control+c')
  await page.keyboard.type('echo code=$?=')
  await page.keyboard.press('Enter')
  await expect(terminal).toContainText('code=130=')

  await typeLine(page, 'term-2', 'exit 7')
  await expect(page.getByText('The shell has ended with exit code 7.')).toBeVisible()
  await page.keyboard.press('Enter')
  await typeLine(page, 'term-2', 'echo new$((20+3))')
  await expect(terminal).toContainText('new23')
})

test('the shell knows the size of the window, also when that changes', async ({ page, run }) => {
  const { id } = await run({ name: 'term-4', command: sleep })
  await page.goto(`/containers/${id}?tab=terminal`)
  await typeLine(page, 'term-4', 'echo a=$(stty size | tr " " x)=')
  const wide = await shown(page, 'term-4', /a=(\d+x\d+)=/)
  await page.setViewportSize({ width: 900, height: 600 })
  const terminal = containerPage.terminal(page, 'term-4')
  await expect(async () => {
    await page.keyboard.type('echo b=$(stty size | tr " " x)=')
    await page.keyboard.press('Enter')
    const sizes = [...((await terminal.textContent()) ?? '').matchAll(/b=(\d+)x(\d+)=/g)]
    const [rows, columns] = wide.split('x').map(Number)
    const last = sizes.at(-1)
    expect(Number(last?.[1])).toBeLessThan(rows ?? 0)
    expect(Number(last?.[2])).toBeLessThan(columns ?? 0)
  }).toPass()
})

test('several shells run side by side, and one is ended by its cross', async ({ page, run }) => {
  const { id } = await run({ name: 'term-5', command: sleep })
  await page.goto(`/containers/${id}?tab=terminal`)
  await typeLine(page, 'term-5', 'echo one=$$=')
  const one = await shown(page, 'term-5', /one=(\d+)=/)
  const bar = page.getByRole('toolbar', { name: 'Shells' })
  await bar.getByRole('button', { name: 'New shell' }).click()
  await expect(bar.getByRole('button', { name: 'sh 2', exact: true })).toHaveAttribute('aria-pressed', 'true')
  await typeLine(page, 'term-5', 'echo two=$$=')
  const two = await shown(page, 'term-5', /two=(\d+)=/)
  expect(two).not.toBe(one)
  await bar.getByRole('button', { name: 'sh 1', exact: true }).click()
  await expect(containerPage.terminal(page, 'term-5')).toContainText(`one=${one}=`)
  await bar.getByRole('button', { name: 'End shell 2' }).click()
  await expect(bar.getByRole('button', { name: 'sh 2', exact: true })).toHaveCount(0)
  await expect(containerPage.terminal(page, 'term-5')).toContainText(`one=${one}=`)
})

test('another shell can be chosen; one that is not there says so', async ({ page, run, complaints }) => {
  const { id } = await run({ name: 'term-7', command: sleep })
  await page.goto(`/containers/${id}?tab=terminal`)
  await typeLine(page, 'term-7', 'echo first')
  const choose = async (command: string) => {
    await page.getByRole('button', { name: 'Terminal settings' }).click()
    await page.getByRole('menuitem', { name: 'Choose a shell' }).click()
    const dialog = page.getByRole('dialog', { name: 'Choose a shell' })
    await dialog.getByLabel('Shell').selectOption('Another command')
    await dialog.getByLabel('Command').fill(command)
    await dialog.getByRole('button', { name: 'Open' }).click()
  }
  await choose('/bin/cat')
  await expect(page.getByRole('button', { name: 'cat 2', exact: true })).toHaveAttribute('aria-pressed', 'true')
  await typeLine(page, 'term-7', 'meow')
  await expect(containerPage.terminal(page, 'term-7')).toContainText(/meow\s*meow/)
  complaints.expect(/4\d\d|500/)
  await choose('/bin/no-such-shell')
  await expect(
    page.getByText('The terminal could not be opened').or(page.getByText(/ended with exit code 12[67]/)),
  ).toBeVisible()
})
