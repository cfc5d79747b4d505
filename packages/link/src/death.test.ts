import { setTimeout as sleep } from 'node:timers/promises'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawn } from '@flotilla/host'
import { builtProgram } from '@flotilla/testkit/built-child'
import { expect, onTestFinished, test } from 'vitest'
import { connect } from './connect.ts'
import { errorOf } from './testing/open-link.ts'
import { testMethods } from './testing/table.ts'

test('an agent that stands still is noticed within 10 s', { timeout: 40_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-link-'))
  const path = join(folder, 'agent.sock')
  const script = new URL('./testing/frozen-agent.ts', import.meta.url).pathname
  const child = spawn([process.execPath, await builtProgram(script), path], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })
  if (child.stdout === null) throw new Error('The agent has no output.')
  await once(child.stdout, 'data')
  const link = await connect(net.connect(path), { hello: { version: '1' } })
  const call = errorOf(link.client('test', testMethods).echo.wait({ id: '' }))
  await sleep(300)
  const start = performance.now()
  child.kill('SIGSTOP')
  expect((await link.closed).code).toBe('UNAVAILABLE')
  expect(performance.now() - start).toBeLessThan(10_000)
  expect(await call).toMatchObject({ code: 'UNAVAILABLE' })
})
