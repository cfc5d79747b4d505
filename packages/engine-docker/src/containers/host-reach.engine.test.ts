import { rm, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { toFlotillaError } from '@flotilla/protocol'
import { makeTestDaemon, type TestDaemon, testImage } from '@flotilla/testkit/docker-daemon'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Opened, openEngine } from '../testing/engine-fixture.ts'

let daemon: TestDaemon
let opened: Opened

beforeAll(async () => {
  daemon = await makeTestDaemon()
  opened = await openEngine(daemon.socketPath)
})
afterAll(async () => {
  await opened.engine.close()
  await daemon.remove()
})

const rights = (...permissions: string[]) => ({ scope: { actor: 'somebody', permissions } })
const operator = rights('containers.exec')
const admin = rights('containers.exec', 'containers.create.privileged')

/** What `docker create` with these words makes. */
const make = async (...words: string[]) =>
  (await daemon.cli('create', '--network', 'none', ...words, testImage, 'sleep', '600')).trim()
const run = async (...words: string[]) => {
  const id = await make(...words)
  await daemon.cli('start', id)
  return id
}
const reasonsOf = async (id: string) => (await opened.client.containers.inspect({ id })).reachesHost
const outcome = (id: string, options: typeof operator) =>
  opened.client.exec.create({ id, command: ['true'] }, options).then(
    () => 'made',
    (error: unknown) => toFlotillaError(error).kind,
  )

it('refuses commands in whatever reaches the host, by the answers of the daemon, and in nothing else', async () => {
  const link = join(daemon.folder, 'looks-harmless')
  await rm(link, { force: true })
  await symlink('/etc', link)
  const options = ['type=none', 'o=bind', 'device=/etc'].flatMap((option) => ['--opt', option])
  await daemon.cli('volume', 'create', ...options, 'etc-of-the-host')
  const first = await run('--pid', 'host')
  const reaching: [string, string[]][] = [
    [first, ['hostPid']],
    [await make('--pid', `container:${first}`), ['hostPid']],
    [await make('--privileged'), ['privileged', 'sysAdmin']],
    [await make('--cap-add', 'SYS_ADMIN'), ['sysAdmin']],
    [await make('--cap-add', 'ALL'), ['sysAdmin']],
    [await make('--volume', '/:/host:ro'), ['engineSocket']],
    [await make('--volume', `${link}:/lent`), ['hostFolder']],
    [await make('--volume', 'etc-of-the-host:/lent'), ['hostFolder']],
    [await make('--volume', `${daemon.socketPath}:/socket:ro`), ['engineSocket']],
    [await make('--volume', `${dirname(daemon.socketPath)}:/sockets`), ['engineSocket']],
  ]
  for (const [id, reasons] of reaching) {
    expect(await reasonsOf(id)).toEqual(reasons)
    expect([reasons, await outcome(id, operator)]).toEqual([reasons, 'access.reachesHost'])
  }
  expect(await outcome(first, admin)).toBe('made')
  const [session] = await opened.client.exec.list({ id: first })
  const attach = opened.client.exec.attach({ session: session?.id ?? '' }, nothing(), operator)
  await expect(attach[Symbol.asyncIterator]().next()).rejects.toMatchObject({ kind: 'access.reachesHost' })
  for (const words of [[], ['--volume', '/srv:/lent'], ['--cap-add', 'NET_ADMIN'], ['--volume', '/etc:/lent:ro']]) {
    const id = await run(...words)
    expect([words, await reasonsOf(id), await outcome(id, operator)]).toEqual([words, [], 'made'])
  }
})

async function* nothing(): AsyncGenerator<Uint8Array> {
  await new Promise<void>(() => {})
}
