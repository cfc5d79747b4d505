import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { updateContainerFiles, writeContainerFiles } from './container-files.ts'
import { overwriteFile } from './overwrite-file.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-files-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('a running container’s files', () => {
  const links = { addresses: ['10.1.1.2'], gateway: '10.1.1.1', nameServers: ['10.1.1.1'] }
  const more = { addresses: ['10.1.1.2', '10.2.2.2'], gateway: '10.1.1.1', nameServers: ['10.1.1.1', '10.2.2.1'] }
  const request = () => ({ folder, hostname: 'web', name: 'web' })
  const [hosts, resolv] = [() => join(folder, 'hosts'), () => join(folder, 'resolv.conf')]

  it('keep the lines that the container wrote when its addresses change', async () => {
    await writeContainerFiles(request(), links)
    writeFileSync(hosts(), '192.0.2.7 own.entry\n', { flag: 'a' })
    writeFileSync(resolv(), `# mine\n${readFileSync(resolv(), 'utf8')}options ndots:5\n`)
    await updateContainerFiles(request(), more)
    expect(readFileSync(hosts(), 'utf8')).toMatch(
      /10\.1\.1\.2\tweb\n10\.2\.2\.2\tweb\n[^]*\n192\.0\.2\.7 own\.entry\n$/,
    )
    expect(readFileSync(resolv(), 'utf8')).toMatch(/^# mine\n[^]*nameserver 10\.2\.2\.1\n[^]*\noptions ndots:5\n$/)
    await updateContainerFiles(request(), links)
    expect(readFileSync(hosts(), 'utf8')).not.toContain('10.2.2.2')
    expect(readFileSync(hosts(), 'utf8')).toMatch(/\n192\.0\.2\.7 own\.entry\n+$/)
  })

  it('are not written where nothing of ours changes, whatever the container made of it', async () => {
    await writeContainerFiles(request(), links)
    writeFileSync(hosts(), readFileSync(hosts(), 'utf8').replace('10.1.1.2', '10.1.1.99'))
    const before = [hosts(), resolv()].map((path) => ({
      text: readFileSync(path, 'utf8'),
      time: statSync(path, { bigint: true }).mtimeNs,
    }))
    await updateContainerFiles(request(), links)
    expect(
      [hosts(), resolv()].map((path) => ({
        text: readFileSync(path, 'utf8'),
        time: statSync(path, { bigint: true }).mtimeNs,
      })),
    ).toEqual(before)
  })

  it('are left alone where the container replaced them as a whole', async () => {
    await writeContainerFiles(request(), links)
    for (const path of [hosts(), resolv()]) writeFileSync(path, '# all mine\n')
    await updateContainerFiles(request(), more)
    for (const path of [hosts(), resolv()]) expect(readFileSync(path, 'utf8')).toBe('# all mine\n')
    await writeContainerFiles(request(), more) // its next start has ours again
    expect(readFileSync(hosts(), 'utf8')).toContain('10.2.2.2\tweb')
  })
})

it('shows no read of a file that is overwritten an empty or a cut one, nor anything but the old lines and the new', async () => {
  const path = join(folder, 'file')
  const texts = ['short\n'.repeat(3), 'a longer line of it\n'.repeat(20)] as const
  await overwriteFile(path, texts[0])
  const code = `const { parentPort, workerData: path } = require('node:worker_threads')
    const { openSync, readSync } = require('node:fs')
    const file = openSync(path)
    const bytes = Buffer.alloc(4096)
    const seen = new Map()
    let stop = false
    parentPort.on('message', () => { parentPort.postMessage([...seen]); parentPort.close(); stop = true })
    const look = () => {
      for (let i = 0; i < 200; i++) { const text = bytes.toString('utf8', 0, readSync(file, bytes, 0, 4096, 0)).trimEnd(); seen.set(text, (seen.get(text) ?? 0) + 1) }
      if (!stop) setImmediate(look)
    }
    look()
    parentPort.postMessage('up')`
  const reader = new Worker(code, { eval: true, workerData: path })
  try {
    await new Promise((resolve) => reader.once('message', resolve))
    for (let turn = 0; turn < 200; turn += 1) await overwriteFile(path, texts[(turn + 1) % 2] ?? '')
    const seen = new Promise<[string, number][]>((resolve) => reader.once('message', resolve))
    reader.postMessage('stop')
    const whole = texts.map((text) => text.trimEnd())
    const read = (await seen).map(([text]) => text)
    expect(read).toEqual(expect.arrayContaining(whole))
    for (const text of read) expect(text).toSatisfy((one: string) => isOfBoth(one, whole))
    expect(readFileSync(path, 'utf8').trimEnd()).toBe(texts[0].trimEnd())
  } finally {
    await reader.terminate()
  }
})

/** Whether a read has at each place what one of the texts has there, and is no shorter than the shorter one. */
function isOfBoth(read: string, texts: readonly string[]): boolean {
  const at = (text: string, place: number) => text[place] ?? '\n'
  const isWhole = read.length >= Math.min(...texts.map(({ length }) => length))
  return isWhole && [...read].every((letter, place) => texts.some((text) => at(text, place) === letter))
}

it('has the host’s own names on the host’s network, and nobody’s address beside its own with none', async () => {
  const request = { folder, hostname: 'web', name: 'shop' }
  const hosts = () => readFileSync(join(folder, 'hosts'), 'utf8')
  await writeContainerFiles({ ...request, network: 'host' }, null)
  expect(hosts()).toBe(readFileSync('/etc/hosts', 'utf8'))
  await writeContainerFiles({ ...request, network: 'none' }, null)
  expect(hosts()).toContain('127.0.1.1\tweb shop\n')
})
