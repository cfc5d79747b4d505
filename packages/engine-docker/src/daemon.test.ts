import { createServer } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { getEventListeners, once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Daemon } from './daemon.ts'

describe('a daemon', () => {
  let folder = ''
  const server = createServer((request, response) => {
    if (request.url !== '/silent') response.setHeader('content-type', 'application/json').end('{"ok":true}')
  })
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flotilla-daemon-'))
    server.listen(join(folder, 'docker.sock'))
    await once(server, 'listening')
  })
  afterAll(async () => {
    server.close()
    server.closeAllConnections()
    await rm(folder, { recursive: true, force: true })
  })

  it('is asked without its open connections being written out for each request', async () => {
    const daemon = new Daemon({ id: 'docker', socketPath: join(folder, 'docker.sock') })
    const ask = () =>
      daemon.request(z.object({ ok: z.boolean() }), { path: '/info', signal: AbortSignal.timeout(5000) })
    expect(await Promise.all([ask(), ask(), ask()])).toHaveLength(3)
    const { agent } = daemon.docker.modem as unknown as { agent: object }
    expect(inspect(agent, { showHidden: true, depth: null }).length).toBeLessThan(100)
    daemon.close()
  })

  it('is asked for many rows at once by the signal of one call, on which nothing piles up', async () => {
    const warnings: string[] = []
    const onWarning = ({ name }: Error) => warnings.push(name)
    process.on('warning', onWarning)
    const daemon = new Daemon({ id: 'docker', socketPath: join(folder, 'docker.sock') })
    const { signal } = new AbortController()
    const ask = () => daemon.request(z.object({ ok: z.boolean() }), { path: '/info', signal })
    const asked = Array.from({ length: 12 }, ask)
    expect(getEventListeners(signal, 'abort')).toEqual([])
    await Promise.all(asked)
    process.off('warning', onWarning)
    expect(warnings).toEqual([])
    daemon.close()
  })

  it('is asked no longer once the signal aborts', async () => {
    const daemon = new Daemon({ id: 'docker', socketPath: join(folder, 'docker.sock') })
    const abort = new AbortController()
    const asked = daemon.request(z.object({ ok: z.boolean() }), { path: '/silent', signal: abort.signal })
    setTimeout(() => abort.abort(), 50)
    await expect(asked).rejects.toThrow()
    daemon.close()
  })
})
