import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Platform } from '@flotilla/testkit/lab/platform'
import { inLooks, takePictures, twoLooks } from '../lib/gallery.ts'
import { test } from '../lib/volume-fixture.ts'
import { expect, expectAccessible } from '../fixtures.ts'

const writeText = async (platform: Platform, id: string, path: string, text: string) => {
  const { body } = await platform.rest<{ version: string }>('GET', `/volumes/${id}/text?path=${path}`)
  const expected = body.version ?? null
  const answer = await platform.rest('PUT', `/volumes/${id}/text`, { path, text, expected })
  expect(answer.status, answer.text).toBe(200)
}
const folder = async (platform: Platform, id: string, path: string) => {
  const answer = await platform.rest('POST', `/volumes/${id}/folders`, { path })
  expect(answer.status, answer.text).toBe(200)
}

test('files go up, are listed with what they are, and come down again', async ({ page, volume, platform }) => {
  const { id } = await volume('site')
  await page.goto(`/volumes/${id}?tab=files`)
  await expect(page.getByText('Nothing in this folder')).toBeVisible()
  await page.getByRole('button', { name: 'New folder' }).click()
  await page.getByRole('dialog').getByLabel('Name').fill('public')
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click()
  await page.getByRole('row', { name: 'public' }).click()
  await expect(page).toHaveURL(/path=public/)
  await expect(page.getByText('Nothing in this folder')).toBeVisible() // else they go to the one that is still shown
  await page.getByLabel('Files to upload').setInputFiles([
    { name: 'index.html', mimeType: 'text/html', buffer: Buffer.from('<h1>Hello</h1>') },
    { name: 'data.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(2 * 1024 * 1024, 7) },
  ])
  const row = page.getByRole('row', { name: 'data.bin' })
  await expect(row).toContainText('2.0')
  await expect(row).toContainText('-rw-')
  await expect(page.getByRole('region', { name: 'Uploads' }).getByText('Uploaded')).toHaveCount(2)

  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page
      .getByRole('button', { name: 'Actions for index.html' })
      .click()
      .then(() => page.getByRole('menuitem', { name: 'Download', exact: true }).click()),
  ])
  expect(file.suggestedFilename()).toBe('index.html')
  expect(await readFile(await file.path(), 'utf8')).toBe('<h1>Hello</h1>')
  const [tar] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download this folder as tar' }).click(),
  ])
  expect(tar.suggestedFilename()).toBe('public.tar')
  expect((await readFile(await tar.path())).includes('<h1>Hello</h1>')).toBe(true)
  const { body } = await platform.rest<{ total: number }>('GET', `/volumes/${id}/files?path=public`)
  expect(body.total).toBe(2)
})

test('a large folder comes page by page as one goes down it by keys, to its very end', async ({
  page,
  volume,
  platform,
}) => {
  const { id } = await volume('many')
  const { mountpoint } = (await platform.rest<{ mountpoint: string }>('GET', `/volumes/${id}`)).body
  for (let at = 0; at < 450; at += 1) await writeFile(join(mountpoint, `entry-${String(at).padStart(3, '0')}`), '')
  await page.goto(`/volumes/${id}?tab=files`)
  await expect(page.getByRole('status').filter({ hasText: '450 entries' })).toBeVisible()
  await page.keyboard.press('j')
  const last = page.getByRole('row', { name: 'entry-449' })
  await expect(async () => {
    await page.keyboard.press('End')
    await expect(last).toBeFocused({ timeout: 500 })
  }).toPass()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('textbox', { name: 'Text of entry-449' })).toBeFocused()
})

test('dropped files go to the folder that is shown, replace one of their name only when told, and may be no text', async ({
  page,
  volume,
  platform,
}) => {
  const { id } = await volume('inbox')
  await page.goto(`/volumes/${id}?tab=files`)
  const target = page.getByText('Nothing in this folder')
  await expect(target).toBeVisible()
  const transfer = await page.evaluateHandle(() => {
    const data = new DataTransfer()
    data.items.add(new File(['dropped'], 'dropped.txt', { type: 'text/plain' }))
    return data
  })
  await target.dispatchEvent('dragover', { dataTransfer: transfer })
  await target.dispatchEvent('drop', { dataTransfer: transfer })
  await expect(page.getByRole('row', { name: 'dropped.txt' })).toBeVisible()

  const file = { name: 'dropped.txt', mimeType: 'text/plain', buffer: Buffer.from('new') }
  await page.getByLabel('Files to upload').setInputFiles([file])
  const uploads = page.getByRole('region', { name: 'Uploads' })
  await expect(uploads).toContainText('A file of this name is there already')
  const read = async () =>
    (await platform.rest<{ text: string }>('GET', `/volumes/${id}/text?path=dropped.txt`)).body.text
  expect(await read()).toBe('dropped')
  await uploads.getByRole('button', { name: 'Replace it' }).click()
  await expect(uploads).not.toContainText('A file of this name is there already')
  await expect(uploads.getByText('Uploaded')).toBeVisible()
  await expect.poll(read).toBe('new')

  await page
    .getByLabel('Files to upload')
    .setInputFiles([{ name: 'blob', mimeType: 'application/octet-stream', buffer: Buffer.from([0, 255, 254, 0]) }])
  await page.getByRole('row', { name: 'blob' }).click()
  await expect(page.getByText('The file cannot be edited here')).toBeVisible()
  await expect(page.getByRole('link', { name: 'Download' })).toBeVisible()
  await expectAccessible(page)
})

test('a folder that is dropped or chosen goes up with all that is in it, and a cancel ends it', async ({
  page,
  volume,
  platform,
}) => {
  const { id } = await volume('tree')
  const top = await mkdtemp(join(tmpdir(), 'flotilla-folder-'))
  try {
    await mkdir(join(top, 'site/img'), { recursive: true })
    await writeFile(join(top, 'site/index.html'), '<h1>Hello</h1>')
    await writeFile(join(top, 'site/img/logo.svg'), '<svg/>')
    await page.goto(`/volumes/${id}?tab=files`)
    const target = page.getByText('Nothing in this folder')
    await expect(target).toBeVisible()
    const box = await target.boundingBox()
    const browser = await page.context().newCDPSession(page)
    const data = { items: [], files: [join(top, 'site')], dragOperationsMask: 1 }
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await browser.send('Input.dispatchDragEvent', { type, x: box?.x ?? 0, y: box?.y ?? 0, data })
    const uploads = page.getByRole('region', { name: 'Uploads' })
    await expect(uploads.getByText('Folder made')).toHaveCount(2)
    await expect(uploads.getByText('Uploaded')).toHaveCount(2)
    await page.getByRole('row', { name: 'site' }).click()
    await page.getByRole('row', { name: 'img' }).click()
    await expect(page.getByRole('row', { name: 'logo.svg' })).toBeVisible()

    // The first file stays on its way, so that there is something to cancel.
    await page.route('**/content?*', () => undefined)
    await page.getByLabel('Folder to upload').setInputFiles(join(top, 'site'))
    await expect(uploads.getByText('Folder made')).toHaveCount(2)
    await expect(uploads).toContainText('2 of 4 still on their way')
    await expectAccessible(page)
    await uploads.getByRole('button', { name: 'Cancel all' }).click()
    await expect(uploads.getByRole('listitem')).toHaveText([/site\//, /site\/img\//])
    const { body } = await platform.rest<{ total: number }>('GET', `/volumes/${id}/files?path=site/img/site`)
    expect(body.total).toBe(1)
  } finally {
    await rm(top, { recursive: true })
  }
})

test('by keys alone: into a folder, a text changed and saved, back up, renamed and deleted', async ({
  page,
  volume,
  platform,
}) => {
  const { id } = await volume('notes')
  await folder(platform, id, 'deep')
  await writeText(platform, id, 'deep/todo.txt', 'one')
  await page.goto(`/volumes/${id}`)
  await expect(page.getByRole('heading', { level: 2, name: 'notes' })).toBeVisible()
  await page.keyboard.press('2')
  await expect(page.getByRole('row', { name: 'deep' })).toBeVisible()
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('row', { name: 'todo.txt' })).toBeFocused()
  await page.keyboard.press('Enter')
  const editor = page.getByRole('textbox', { name: 'Text of deep/todo.txt' })
  await expect(editor).toBeFocused()
  await page.keyboard.press('ControlOrMeta+End')
  await page.keyboard.type(' two')
  await expect(page.getByText('Not saved')).toBeVisible()
  await page.keyboard.press('ControlOrMeta+s')
  await expect(page.getByText('Saved', { exact: true })).toBeVisible()
  const { body } = await platform.rest('GET', `/volumes/${id}/text?path=deep/todo.txt`)
  expect(body).toMatchObject({ text: 'one two' })
  await page.keyboard.press('Escape')
  await expect(page.getByRole('row', { name: 'todo.txt' })).toBeFocused()
  await page.keyboard.press('Backspace')
  await expect(page.getByRole('row', { name: 'deep' })).toBeFocused()
  await page.keyboard.press('.')
  await expect(page.getByRole('menu')).toBeVisible()
  await page.keyboard.press('r')
  await expect(page.getByRole('menuitem', { name: 'Rename or move' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name: 'Rename or move deep' }).getByLabel('New path')).toBeFocused()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type('shallow')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('row', { name: 'shallow' })).toBeVisible()
  await page.getByRole('row', { name: 'shallow' }).focus()
  await page.keyboard.press('.')
  await expect(page.getByRole('menu')).toBeVisible()
  await page.keyboard.press('End')
  await expect(page.getByRole('menuitem', { name: 'Delete' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name: 'Delete shallow?' })).toContainText('with everything in it')
  await page.keyboard.press('Enter')
  await expect(page.getByText('Nothing in this folder')).toBeVisible()
})

test('a symbolic link opens the folder or the file that it leads to, and says where it leads to nothing', async ({
  page,
  volume,
  platform,
}) => {
  const { id } = await volume('linked')
  const { mountpoint } = (await platform.rest<{ mountpoint: string }>('GET', `/volumes/${id}`)).body
  await folder(platform, id, 'releases')
  await writeText(platform, id, 'releases/notes.txt', 'one')
  await symlink('releases', join(mountpoint, 'current'))
  await symlink('/releases/notes.txt', join(mountpoint, 'notes'))
  await symlink('/etc/passwd', join(mountpoint, 'outside'))
  await page.goto(`/volumes/${id}?tab=files`)
  await page.getByRole('row', { name: 'current' }).click()
  await expect(page).toHaveURL(/path=current$/)
  await expect(page.getByRole('row', { name: 'notes.txt' })).toBeVisible()
  await page.goBack()
  await page.getByRole('row', { name: 'notes', exact: true }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('textbox', { name: 'Text of notes' })).toHaveValue('one')
  await page.keyboard.press('Escape')
  await page.getByRole('row', { name: 'outside' }).click()
  const messages = page.getByRole('region', { name: 'Messages' })
  await expect(messages).toContainText('The link outside could not be followed')
  await expect(messages).toContainText('It leads to /etc/passwd, and there is nothing of that path in this volume')
  await expectAccessible(page)
  const download = async (name: string) => {
    const came = page.waitForEvent('download')
    await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).click()
    await page.getByRole('menuitem', { name: 'Download', exact: true }).click()
    return readFile(await (await came).path())
  }
  expect((await download('notes')).toString()).toBe('one')
  expect((await download('current')).includes('notes.txt')).toBe(true)
})

test('a files list is ordered by name, size and time, folders first, in the address', async ({
  page,
  volume,
  platform,
}) => {
  const { id } = await volume('ordered')
  await folder(platform, id, 'zoo')
  for (const [name, bytes] of Object.entries({ 'b.txt': 300, 'a.txt': 20, 'c.txt': 4000 }))
    await writeText(platform, id, name, 'x'.repeat(bytes))
  await page.goto(`/volumes/${id}?tab=files`)
  const rows = page.getByRole('row').filter({ has: page.getByRole('button', { name: /^Actions for/ }) })
  await expect(rows).toHaveText([/zoo/, /a\.txt/, /b\.txt/, /c\.txt/])
  await page.getByRole('button', { name: 'Size', exact: true }).click()
  await expect(page.getByRole('columnheader', { name: 'Size' })).toHaveAttribute('aria-sort', 'ascending')
  await page.getByRole('button', { name: 'Size', exact: true }).click()
  await expect(page).toHaveURL(/sort=size&order=desc/)
  await expect(rows).toHaveText([/zoo/, /c\.txt/, /b\.txt/, /a\.txt/])
  await page.getByRole('button', { name: 'Modified', exact: true }).focus()
  await page.keyboard.press('Enter')
  await expect(rows).toHaveText([/zoo/, /b\.txt/, /a\.txt/, /c\.txt/])
  await page.getByRole('button', { name: 'Name', exact: true }).click()
  await expect(page).not.toHaveURL(/sort=/)
  await expect(rows).toHaveText([/zoo/, /a\.txt/, /b\.txt/, /c\.txt/])
  await expectAccessible(page)
})

test('by keys alone: a file is moved to another folder of the volume, and not out of it', async ({
  page,
  volume,
  platform,
}) => {
  const { id } = await volume('desk')
  for (const path of ['inbox', 'archive']) await folder(platform, id, path)
  await writeText(platform, id, 'inbox/letter.txt', 'one')
  await page.goto(`/volumes/${id}?tab=files&path=inbox`)
  await page.getByRole('row', { name: 'letter.txt' }).focus()
  await page.keyboard.press('.')
  await expect(page.getByRole('menu')).toBeVisible()
  await page.keyboard.press('r')
  await expect(page.getByRole('menuitem', { name: 'Rename or move' })).toBeFocused()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Rename or move letter.txt' })
  const field = dialog.getByLabel('New path')
  await expect(field).toBeFocused()
  await expect(field).toHaveValue('inbox/letter.txt')
  await expect(field).toHaveAccessibleDescription(/From the top of the volume/)
  await page.keyboard.type('note.txt') // the name alone is chosen
  await expect(field).toHaveValue('inbox/note.txt')
  await field.fill('../note.txt')
  await page.keyboard.press('Enter')
  await expect(dialog.getByText('It was not renamed')).toBeVisible()
  await expectAccessible(page)
  await field.fill('/archive/note.txt')
  await page.keyboard.press('Enter')
  await expect(dialog).toHaveCount(0)
  await expect(page.getByText('Nothing in this folder')).toBeVisible()
  const { body } = await platform.rest('GET', `/volumes/${id}/text?path=archive/note.txt`)
  expect(body).toMatchObject({ text: 'one' })
})

test('what somebody else wrote meanwhile is not overwritten unseen, nor what is changed left unsaved', async ({
  page,
  volume,
  platform,
}) => {
  const { id } = await volume('shared')
  await writeText(platform, id, 'app.ini', 'first')
  await page.goto(`/volumes/${id}?tab=files`)
  await page.getByRole('row', { name: 'app.ini' }).click()
  const editor = page.getByRole('textbox', { name: 'Text of app.ini' })
  await expect(editor).toHaveValue('first')
  await writeText(platform, id, 'app.ini', 'theirs')
  await editor.fill('mine')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('Somebody changed this file meanwhile')).toBeVisible()
  await takePictures(page, 'volume-file-conflict', twoLooks)
  await page.getByRole('button', { name: 'Load theirs' }).click()
  await expect(editor).toHaveValue('theirs')
  await takePictures(page, 'volume-file-aside', twoLooks)
  await page.getByRole('button', { name: 'Bring mine back' }).click()
  await expect(editor).toHaveValue('mine')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('button', { name: 'Load theirs' }).click()
  await expect(editor).toHaveValue('theirs')
  await writeText(platform, id, 'app.ini', 'theirs again')
  await editor.fill('mine again')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('button', { name: 'Overwrite with mine' }).click()
  await expect(page.getByText('Saved', { exact: true })).toBeVisible()
  const { body } = await platform.rest('GET', `/volumes/${id}/text?path=app.ini`)
  expect(body).toMatchObject({ text: 'mine again' })

  await editor.fill('changed')
  await page.getByRole('button', { name: 'Close the file' }).click()
  const dialog = page.getByRole('dialog', { name: 'Close without saving?' })
  await dialog.getByRole('button', { name: 'Keep editing' }).click()
  await expect(editor).toHaveValue('changed')
  const ways = [
    () => page.getByRole('link', { name: 'Images' }).first().click(),
    () => page.getByRole('link', { name: 'Overview', exact: true }).last().click(),
    () => page.keyboard.press('Escape'),
    () => page.evaluate(() => window.history.back()),
  ]
  for (const way of ways) {
    await editor.focus()
    await way()
    await dialog.getByRole('button', { name: 'Keep editing' }).click()
    await expect(editor).toHaveValue('changed')
  }
  await page.getByRole('button', { name: 'Close the file' }).click()
  await dialog.getByRole('button', { name: 'Close without saving' }).click()
  await expect(page.getByRole('row', { name: 'app.ini' })).toBeVisible()
})

test('a text keeps its line ends, and one that mixes them is only read', async ({ page, volume, platform }) => {
  const { id } = await volume('windows')
  const read = async (path: string) =>
    (await platform.rest<{ text: string }>('GET', `/volumes/${id}/text?path=${path}`)).body.text
  await writeText(platform, id, '.env', '\ufeffA=1\r\nB=2\r\n')
  await writeText(platform, id, 'mixed', 'A=1\r\nB=2\n')
  await page.goto(`/volumes/${id}?tab=files&file=.env`)
  await page.getByRole('textbox', { name: 'Text of .env' }).focus()
  await page.keyboard.press('ControlOrMeta+End')
  await page.keyboard.type('C=3')
  await page.keyboard.press('Enter')
  await page.keyboard.press('ControlOrMeta+s')
  await expect(page.getByText('Saved', { exact: true })).toBeVisible()
  expect(await read('.env')).toBe('\ufeffA=1\r\nB=2\r\nC=3\r\n')
  await page.goto(`/volumes/${id}?tab=files&file=mixed`)
  await expect(page.getByText('Its lines end in different ways')).toBeVisible()
  await page.getByRole('textbox', { name: 'Text of mixed' }).press('X')
  await expect(page.getByRole('button', { name: 'Save' })).toBeDisabled()
  expect(await read('mixed')).toBe('A=1\r\nB=2\n')
})

test('uploads go on in other folders and tabs, and whoever leaves the page is asked first', async ({
  page,
  volume,
  platform,
}) => {
  const { id } = await volume('moving')
  await folder(platform, id, 'other')
  // The first one is held on its way, so that all are under way for as long as this looks.
  let letGo = () => {}
  const held = new Promise<void>((resolve) => (letGo = resolve))
  await page.route('**/content?path=first*', async (route) => {
    await held
    await route.continue()
  })
  await page.goto('/volumes')
  await page.getByRole('row', { name: 'moving' }).click()
  await expect(page).toHaveURL(new RegExp(`/volumes/${id}$`))
  await expect(page.getByRole('heading', { name: 'Used by' })).toBeVisible() // from here on keys are the page's
  await page.keyboard.press('2')
  await expect(page.getByRole('row', { name: 'other' })).toBeVisible()
  await page.getByLabel('Files to upload').setInputFiles([
    { name: 'first', mimeType: 'text/plain', buffer: Buffer.from('one') },
    { name: 'second', mimeType: 'text/plain', buffer: Buffer.from('two') },
  ])
  const uploads = page.getByRole('region', { name: 'Uploads' })
  await expect(uploads.getByText('Waiting')).toBeVisible()
  await page.getByRole('row', { name: 'other' }).click()
  await expect(page).toHaveURL(/path=other/)
  // The address changes first: until the folder is shown what is chosen still goes to the one above.
  await expect(page.getByRole('row', { name: 'other' })).toHaveCount(0)
  await page
    .getByLabel('Files to upload')
    .setInputFiles([{ name: 'third', mimeType: 'text/plain', buffer: Buffer.from('three') }])
  await expect(uploads.getByText('other/third')).toBeVisible()
  await expect(uploads.getByText('first', { exact: true })).toBeVisible()
  await page.keyboard.press('Escape')
  await page.keyboard.press('1')
  await expect(page).not.toHaveURL(/tab=files/)
  await expect(uploads.getByRole('listitem')).toHaveCount(3)

  const dialog = page.getByRole('dialog', { name: 'Leave while files are uploaded?' })
  const here = page.url()
  await page.keyboard.press('g')
  await page.keyboard.press('c')
  await expect(dialog).toContainText('3 files are still on their way')
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Stay' }).click()
  await page.getByRole('link', { name: 'Images' }).first().click()
  await expect(dialog).toBeVisible()
  await dialog.getByRole('button', { name: 'Stay' }).click()
  await page.evaluate(() => window.history.go(-4)) // to the list of volumes
  await expect(dialog).toBeVisible()
  await dialog.getByRole('button', { name: 'Stay' }).click()
  expect(page.url()).toBe(here)
  letGo()
  await expect(uploads.getByText('Uploaded')).toHaveCount(3)
  const listed = async (path: string) =>
    (await platform.rest<{ items: { name: string }[] }>('GET', `/volumes/${id}/files?path=${path}`)).body.items
  expect((await listed('')).map(({ name }) => name).sort()).toEqual(['first', 'other', 'second'])
  expect((await listed('other')).map(({ name }) => name)).toEqual(['third'])
  // With nothing under way nobody is asked.
  await page.getByRole('link', { name: 'Images' }).first().click()
  await expect(page).toHaveURL(/\/images/)
})

test('by keys alone: names of a folder are searched, and a folder that is found is gone into', async ({
  page,
  volume,
  platform,
}) => {
  const { id } = await volume('searched')
  for (const path of ['assets', 'asset-cache', 'logs']) await folder(platform, id, path)
  await writeText(platform, id, 'assets/logo.svg', '<svg/>')
  await page.goto(`/volumes/${id}?tab=files`)
  await expect(page.getByRole('row', { name: 'logs' })).toBeVisible()
  await page.keyboard.press('/')
  await expect(page.getByRole('searchbox', { name: 'In this folder' })).toBeFocused()
  await page.keyboard.type('ASSET')
  await expect(page.getByRole('row', { name: 'logs' })).toHaveCount(0)
  await expect(page.getByText('2 entries', { exact: true })).toBeVisible()
  await expect(page).toHaveURL(/q=ASSET/)
  await page.keyboard.press('Enter')
  await page.keyboard.press('j')
  await expect(page.getByRole('row', { name: 'assets', exact: true })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('row', { name: 'logo.svg' })).toBeVisible() // what was searched for above is not in here
  await expect(page).toHaveURL(/path=assets$/)
  await page.goBack()
  await expect(page.getByRole('searchbox', { name: 'In this folder' })).toHaveValue('ASSET')
  await expect(page.getByRole('row', { name: 'logs' })).toHaveCount(0)

  await page.keyboard.press('/')
  await page.keyboard.type('nothing')
  await expect(page.getByText('No name in this folder matches')).toBeVisible()
  await expectAccessible(page)
  await page.keyboard.press('Escape')
  await expect(page.getByRole('row', { name: 'logs' })).toBeVisible()
  await expect(page).not.toHaveURL(/q=/)
})

test(`the pages of files, ${inLooks}`, async ({ page, volume, platform }) => {
  const { id } = await volume('web-data')
  for (const path of ['assets', 'conf.d', 'logs', 'assets/img']) await folder(platform, id, path)
  await writeText(platform, id, 'index.html', '<!doctype html>\n<title>Harbour</title>\n'.repeat(60))
  await writeText(platform, id, 'robots.txt', 'User-agent: *\n')
  await writeText(platform, id, '.env', 'STAGE=production\n')
  await writeText(platform, id, 'nginx.conf', 'server {\n  listen 80;\n  root /usr/share/nginx/html;\n}\n')
  await writeText(platform, id, 'README.md', '# Site\n')
  await page.goto(`/volumes/${id}?tab=files`)
  const names = page.getByRole('row').filter({ has: page.getByRole('button', { name: /^Actions for/ }) })
  await expect(names).toContainText(['assets', 'logs', 'README.md', 'nginx.conf']) // folders first
  await takePictures(page, 'volume-files')
  await page.goto(`/volumes/${id}?tab=files&file=nginx.conf`)
  await expect(page.getByRole('textbox')).toHaveValue(/listen 80/)
  await takePictures(page, 'volume-text')
})
