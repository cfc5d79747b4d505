import { createHash } from 'node:crypto'
import type { Page, WebSocketRoute } from '@playwright/test'
import { containerPage, typeLine } from '../lib/container-page.ts'
import { expect, test } from '../fixtures.ts'
import { takePictures } from '../lib/gallery.ts'

const sleep = ['/bin/sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1 & wait; done']

/** As the browser does it where somebody pastes. */
async function paste(page: Page, text: string): Promise<void> {
  await page.evaluate((pasted) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', pasted)
    const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true })
    document.querySelector('.xterm-helper-textarea')?.dispatchEvent(event)
  }, text)
}

/** A live channel that can be cut: `in` and `out` say what passes; while it is cut the browser has no network. */
async function cuttable(page: Page) {
  const line = { in: true, out: true, open: undefined as WebSocketRoute | undefined }
  await page.routeWebSocket(/\/api\/socket\.io/, (socket) => {
    line.open = socket
    const server = socket.connectToServer()
    socket.onMessage((message) => {
      if (line.out) server.send(message)
    })
    server.onMessage((message) => {
      if (line.in) socket.send(message)
    })
  })
  return {
    line,
    async cut() {
      await page.context().setOffline(true)
      await line.open?.close()
    },
    async goOn() {
      Object.assign(line, { in: true, out: true })
      await page.context().setOffline(false)
    },
  }
}

test('a long paste arrives whole though its reader sleeps first, shows how far it is, and can be cancelled', async ({
  page,
  run,
}) => {
  const { id } = await run({ name: 'term-8', command: sleep })
  await page.goto(`/containers/${id}?tab=terminal`)
  const terminal = containerPage.terminal(page, 'term-8')
  const text = Array.from({ length: 17_000 }, (_, at) => String(at).padStart(100, '.')).join('')
  const read = `head -c ${text.length} >/tmp/pasted`
  await typeLine(page, 'term-8', `stty raw -echo; echo rea''dy; sleep 2; ${read}; stty sane; sha256sum /tmp/pasted`)
  await expect(terminal).toContainText('ready')
  await paste(page, text)
  const progress = page.getByRole('progressbar', { name: 'Taken by the shell' })
  await expect(progress).toBeVisible()
  await expect(terminal).toContainText(/Pasted .* of 1\.6 MiB/)
  await expect(terminal).toContainText(createHash('sha256').update(text).digest('hex').slice(0, 40), {
    timeout: 30_000,
  })
  await expect(progress).toBeHidden()

  await typeLine(page, 'term-8', "stty raw -echo; echo de''af; sleep 1000")
  await expect(terminal).toContainText('deaf')
  await paste(page, text)
  await expect(progress).toBeVisible()
  await takePictures(page, 'terminal-paste')
  await terminal.getByRole('button', { name: 'Cancel' }).click()
  await expect(terminal).toContainText(/The paste was cancelled: .* of 1\.6 MiB went to the shell\./)
  await expect(progress).toBeHidden()
  await terminal.getByRole('button', { name: 'Dismiss' }).click()
  await expect(terminal).not.toContainText('The paste was cancelled')
})

test('what is typed while the link is away arrives once and in order, and what may have been lost is told', async ({
  page,
  run,
  platform,
  complaints,
}) => {
  complaints.expect(/WebSocket|socket\.io|503|ERR_INTERNET_DISCONNECTED/)
  const link = await cuttable(page)
  const { id } = await run({ name: 'term-9', command: sleep })
  await page.goto(`/containers/${id}?tab=terminal`)
  const terminal = containerPage.terminal(page, 'term-9')
  await typeLine(page, 'term-9', 'echo be$((1+1))gin')
  await expect(terminal).toContainText('be2gin')
  link.line.in = false // the shell gets it, and nobody here hears of that
  await page.keyboard.type('echo one')
  link.line.out = false
  await page.keyboard.type(' two')
  await link.cut()
  await expect(page.getByText('Connection cut; the shell runs on and comes back')).toBeVisible()
  await page.keyboard.type(' three=$((1+2))')
  // Beside the 27 there may be the screen's answer to the shell, which asked where the cursor stands.
  await expect(terminal).toContainText(/(27|33) characters are kept and go to the shell when the connection is back\./)
  await takePictures(page, 'terminal-away')
  await link.goOn()
  await expect(page.getByText('Connected', { exact: true })).toBeVisible()
  await expect(terminal).not.toContainText('are kept')
  await terminal.click()
  await page.keyboard.press('Enter')
  await expect(terminal).toContainText(/[^=]one two three=3/)
  await expect(terminal).not.toContainText('oneone')

  link.line.in = false
  await page.keyboard.type('abc')
  await expect(terminal).toContainText(/(3|9) characters are on the way to the shell/)
  await platform.killAgent()
  await platform.startAgent()
  await link.cut()
  await link.goOn()
  await expect(terminal).toContainText(/(3|9) characters may have arrived in part or not at all/)
  await takePictures(page, 'terminal-uncertain')
  await terminal.getByRole('button', { name: 'Dismiss' }).click()
  await typeLine(page, 'term-9', '; echo af$((1+1))ter')
  await expect(terminal).toContainText('af2ter')
})
