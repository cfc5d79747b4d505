import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run, runOk } from '@flotilla/host'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildChild } from '@flotilla/testkit/built-child'
import { createNetworks, releaseSubnet } from './index.ts'

const instance = randomBytes(3).toString('hex')
const id = 'd'.repeat(64)
const second = 'e'.repeat(64)
/** At those of the long run whole agents die each time, in failure-points.engine.test.ts. */
const points = [
  ...['network.attached', 'network.spare.leased', 'network.spare.pinned', 'network.spare.linked', 'network.passed'],
  ...(process.env['FLOTILLA_LONG'] === '1'
    ? ['network.leased', 'network.pinned', 'network.published', 'network.detached', 'network.unpinned']
    : []),
]
let folder = ''
let child = ''
const places = () => ({
  ...{ instance, dataDir: join(folder, 'data'), runDir: join(folder, 'run') },
})

/** A process that kills itself at the point. */
const crashAt = (point: string) =>
  run([process.execPath, child, JSON.stringify(places()), point, id, second, folder], { timeoutMs: 30_000 })

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-crash-'))
  child = await buildChild(fileURLToPath(new URL('./testing/crash-child.ts', import.meta.url)), folder)
})
afterAll(async () => {
  await releaseSubnet(instance)
  rmSync(folder, { recursive: true })
})

it.each(points)('takes back what a kill at %s left', async (point) => {
  const result = await crashAt(point)
  expect(result.stderr).toMatch(/ended by SIGKILL/)
  const networks = await createNetworks({ ...places(), log: { warn: () => {} }, failurePoint: () => {} })
  await networks.recover()
  expect((await networks.list()).every((left) => left === id || left === second)).toBe(true)
  for (const left of await networks.list()) await networks.teardown(left)
  expect(await networks.list()).toEqual([])
  expect((await runOk(['iptables-save'])).stdout.toString()).not.toContain(instance)
  expect(existsSync(`/sys/class/net/${networks.facts.bridge}`)).toBe(false)
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(folder)
  const processes = (await runOk(['ps', '-eo', 'stat,args'])).stdout.toString().split('\n')
  expect(processes.filter((line) => line.includes(folder) && !line.startsWith('Z'))).toEqual([])
})
