import { containerPage } from '../lib/container-page.ts'
import { expect, expectAccessible, test } from '../fixtures.ts'

const sleep = ['/bin/sh', '-c', 'trap "exit 0" TERM; echo ready; while :; do sleep 1 & wait; done']

test('a container is stopped, started, paused, resumed, restarted, killed and removed by mouse', async ({
  page,
  run,
}) => {
  const { id } = await run({ name: 'life-1', command: sleep })
  await page.goto('/containers')
  await page.getByRole('grid', { name: 'Containers' }).getByRole('link', { name: 'life-1' }).click()
  await expect(page).toHaveURL(new RegExp(`/containers/${id}`))
  await expect(containerPage.title(page, 'life-1')).toBeVisible()
  await expect(page).toHaveTitle(/life-1/)

  await page.getByRole('button', { name: 'Stop', exact: true }).click()
  await expect(containerPage.state(page, 'Exited')).toBeVisible()
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(containerPage.state(page, 'Running')).toBeVisible()

  const choose = async (name: string) => {
    await page.getByRole('button', { name: 'Actions for life-1' }).click()
    await page.getByRole('menuitem', { name }).click()
  }
  await choose('Pause')
  await expect(containerPage.state(page, 'Paused')).toBeVisible()
  await page.getByRole('button', { name: 'Resume', exact: true }).click()
  await expect(containerPage.state(page, 'Running')).toBeVisible()
  await page.getByRole('button', { name: 'Restart', exact: true }).click()
  await expect(page.getByText('life-1 restarted')).toBeVisible()
  await choose('Kill')
  await expect(page.getByRole('button', { name: 'Start', exact: true })).toBeVisible()

  await page.getByRole('button', { name: 'Remove', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Remove life-1?' })
  await expect(dialog).toContainText('that cannot be taken back')
  await dialog.getByRole('button', { name: 'Remove' }).click()
  await expect(page.getByRole('grid', { name: 'Containers' })).toBeVisible()
  await expect(page.getByRole('row', { name: 'life-1' })).toHaveCount(0)
})

test('the summary says what it was asked to be, the kernel view what came of it, each explained, and the document all', async ({
  page,
  run,
}) => {
  const { id, ports } = await run({
    name: 'facts-1',
    command: sleep,
    memoryBytes: 64 * 1024 * 1024,
    cpus: 0.5,
    pidsLimit: 50,
    capAdd: ['NET_ADMIN'],
    env: { COLOUR: 'teal' },
    labels: { project: 'orchard' },
    ports: [{ containerPort: 8080 }],
    mounts: [{ type: 'tmpfs', target: '/scratch', sizeBytes: 1024 * 1024 }],
    restart: { policy: 'on-failure', maximumRetries: 3 },
  })
  await page.goto(`/containers/${id}`)
  const main = page.getByRole('main')
  await expect(main).toContainText('64.0MiB')
  await expect(main).toContainText('Privileged access')
  await expect(main).toContainText('0.50cores')
  await expect(main).toContainText('After a failure, 3 times at most')
  await expect(main).toContainText('/scratch')
  await expect(main).toContainText('COLOUR')
  await expect(main).toContainText('teal')
  await expect(main).toContainText('orchard')
  const port = page.getByRole('link', { name: `${ports[0]?.hostPort} → 8080` }).first()
  await expect(port).toHaveAttribute('href', `http://127.0.0.1:${ports[0]?.hostPort}/`)

  await containerPage.tab(page, 'Kernel').click()
  await expect(page.getByRole('heading', { name: 'Namespaces' })).toBeVisible()
  const network = page.getByRole('listitem').filter({ has: page.getByRole('button', { name: 'Network', exact: true }) })
  await expect(network).toContainText('its own')
  const users = page.getByRole('listitem').filter({ has: page.getByRole('button', { name: 'Users', exact: true }) })
  await expect(users).toContainText("the host's")
  const processes = page.getByRole('region', { name: 'Process tree' })
  await expect(processes.getByRole('row').filter({ hasText: 'trap' })).toContainText('1')
  await expect(page.getByRole('button', { name: 'NET_ADMIN Granted.' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'SYS_ADMIN Not granted.' })).toBeVisible()
  await page.getByRole('button', { name: 'Control groups', exact: true }).hover()
  await expect(page.getByRole('tooltip')).toContainText('Which part of the tree of control groups it sees.')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('tooltip')).toHaveCount(0)

  await containerPage.tab(page, 'JSON').click()
  const document = page.getByRole('region', { name: 'All that is known of facts-1' })
  await expect(document).toContainText('"name": "facts-1"')
  await page.getByRole('searchbox', { name: 'Lines that contain' }).fill('imageId')
  await expect(document).not.toContainText('"name": "facts-1"')
  await expect(document).toContainText('"imageId": "sha256:')
  await page.getByRole('button', { name: 'Engine', exact: true }).click()
  await page.getByRole('searchbox', { name: 'Lines that contain' }).fill('ociVersion')
  await expect(document).toContainText('"ociVersion"')

  const free = await run({ name: 'summary-2', command: sleep })
  await page.goto(`/containers/${free.id}`)
  await expect(page.getByRole('main')).toContainText('cores (no limit)')
})

test('where a secret was stands a mark that says why and where it is, on every tab, and no secret', async ({
  page,
  run,
}) => {
  const { id } = await run({
    name: 'secret-1',
    command: [...sleep, 'sh', '--token=swordfish'],
    env: { DB_PASSWORD: 'swordfish', COLOUR: 'teal' },
    labels: { 'secret.key': 'swordfish' },
  })
  const main = page.getByRole('main')
  await page.goto(`/containers/${id}`)
  for (const [tab, shown] of [
    ['Summary', 'DB_PASSWORD'],
    ['Kernel', '--token='],
    ['JSON', 'secret.key'],
  ] as const) {
    await containerPage.tab(page, tab).click()
    if (tab === 'JSON') await page.getByRole('searchbox', { name: 'Lines that contain' }).fill('secret.key')
    if (tab === 'Kernel') await expect(page.getByRole('heading', { name: 'Namespaces' })).toBeVisible()
    await expect(main).toContainText(shown)
    const why = 'The value stays on the host, where the container has it'
    if (tab === 'Kernel') {
      await expect(main.getByText('hidden', { exact: true })).toHaveAttribute('title', new RegExp(why))
    } else {
      await main.getByRole('button', { name: 'hidden', exact: true }).first().focus()
      await expect(page.getByRole('tooltip')).toContainText(why)
    }
    await expect(main).not.toContainText('[redacted]')
    await expect(main).not.toContainText('swordfish')
    await expectAccessible(page)
  }
})

test('its usage is drawn as it is used, with throttling said', async ({ page, run }) => {
  const { id } = await run({
    name: 'usage-1',
    command: ['/bin/sh', '-c', 'while :; do :; done'],
    cpus: 0.1,
    memoryBytes: 64 * 1024 * 1024,
  })
  await page.goto(`/containers/${id}?tab=usage`)
  await expect(page.getByRole('img', { name: /^CPU, now 0\.\d+ cores/ })).toBeVisible()
  await expect(page.getByRole('img', { name: /^Memory, now [\d.,]+ [KM]iB/ })).toBeVisible()
  await expect(page.getByRole('img', { name: /^Processes, now 1/ })).toBeVisible()
  await expect(page.getByText(/Held back \d+% of the time by its limit/)).toBeVisible()
  await page.getByRole('button', { name: '15 min' }).click()
  await expect(page.getByRole('button', { name: '15 min' })).toHaveAttribute('aria-pressed', 'true')
  await expectAccessible(page)
})

test('tabs are in the address, and number keys go from one to the next', async ({ page, run }) => {
  const { id } = await run({ name: 'tabs-1', command: sleep })
  await page.goto(`/containers/${id}`)
  await expect(containerPage.title(page, 'tabs-1')).toBeVisible()
  await page.keyboard.press('2')
  await expect(page).toHaveURL(/tab=logs/)
  await expect(containerPage.log(page, 'tabs-1')).toContainText('ready')
  await page.goBack()
  await expect(page).not.toHaveURL(/tab=/)
  await containerPage.tab(page, 'Kernel').click()
  await expect(page.getByRole('heading', { name: 'Namespaces' })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Namespaces' })).toBeVisible()
})

test('one that is gone says so', async ({ page, complaints }) => {
  complaints.expect(/404/)
  await page.goto('/containers/0123456789abcdef')
  await expect(page.getByText('This container is not there')).toBeVisible()
  await page.getByRole('link', { name: 'All containers' }).click()
  await expect(page.getByRole('grid', { name: 'Containers' })).toBeVisible()
})
