import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, runOk } from '@flotilla/host'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createNetworks, releaseSubnet } from './index.ts'

const instance = '7e57e5'
const id = 'd'.repeat(64)
const second = 'e'.repeat(64)
const own = ['leased', 'pinned', 'attached', 'published', 'detached', 'unpinned']
const spares = ['spare.leased', 'spare.pinned', 'spare.linked', 'passed']
let folder = ''
const places = () => ({
  ...{ instance, dataDir: join(folder, 'data'), runDir: join(folder, 'run'), machineDir: join(folder, 'machine') },
})

/** A process that connects a container, prepares for the next, connects it, takes all down, and kills itself at the point. */
async function crashAt(point: string) {
  const code = `
    import { readdirSync } from 'node:fs'
    import { createNetworks } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)}
    const networks = await createNetworks({ ...${JSON.stringify(places())}, spares: 1, log: console, failurePoint: (name) => {
      if (name === ${JSON.stringify(point)}) process.kill(process.pid, 'SIGKILL')
    } })
    const port = { containerPort: 80, hostPort: 0, hostIp: '', protocol: 'tcp' }
    const request = { containerId: '${id}', name: 'doomed', hostname: 'doomed', network: 'bridge', ports: [port] }
    const setup = await networks.setup({ ...request, folder: ${JSON.stringify(join(folder, 'box'))} })
    await setup.release()
    const ready = () => readdirSync(${JSON.stringify(join(folder, 'run/netns'))}).length === 2
    while (!ready()) await new Promise((resolve) => setTimeout(resolve, 20))
    const next = await networks.setup({ ...request, containerId: '${second}', folder: ${JSON.stringify(join(folder, 'next'))} })
    await next.release()
    await networks.teardown('${id}')
    await networks.teardown('${second}')
    await networks.close()`
  return run([process.execPath, '--import', 'tsx', '--input-type=module', '-e', code], { timeoutMs: 30_000 })
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-crash-'))
})
afterAll(async () => {
  await releaseSubnet(join(folder, 'machine'), instance)
  rmSync(folder, { recursive: true })
})

it.each([...own, ...spares])('takes back what a kill at network.%s left', async (point) => {
  const result = await crashAt(`network.${point}`)
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
