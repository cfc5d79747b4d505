import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, runOk } from '@flotilla/host'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createNetworks, releaseSubnet } from './index.ts'

const instance = '7e57e5'
const id = 'd'.repeat(64)
let folder = ''
const places = () => ({
  ...{ instance, dataDir: join(folder, 'data'), runDir: join(folder, 'run'), machineDir: join(folder, 'machine') },
})

/** A process that sets a network up, takes it down again, and kills itself at the named point. */
async function crashAt(point: string) {
  const code = `
    import { createNetworks } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)}
    const networks = await createNetworks({ ...${JSON.stringify(places())}, log: console, failurePoint: (name) => {
      if (name === ${JSON.stringify(point)}) process.kill(process.pid, 'SIGKILL')
    } })
    const port = { containerPort: 80, hostPort: 0, hostIp: '', protocol: 'tcp' }
    const request = { containerId: '${id}', name: 'doomed', hostname: 'doomed', network: 'bridge', ports: [port] }
    const setup = await networks.setup({ ...request, folder: ${JSON.stringify(join(folder, 'box'))} })
    await setup.release()
    await networks.teardown('${id}')`
  return run([process.execPath, '--import', 'tsx', '--input-type=module', '-e', code], { timeoutMs: 30_000 })
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-crash-'))
})
afterAll(async () => {
  await releaseSubnet(join(folder, 'machine'), instance)
  rmSync(folder, { recursive: true })
})

it.each(['leased', 'pinned', 'attached', 'published', 'detached', 'unpinned'])(
  'takes back what a kill at network.%s left',
  async (point) => {
    const result = await crashAt(`network.${point}`)
    expect(result.stderr).toMatch(/ended by SIGKILL/)
    const networks = await createNetworks({ ...places(), log: { warn: () => {} }, failurePoint: () => {} })
    for (const left of await networks.list()) await networks.teardown(left)
    expect(await networks.list()).toEqual([])
    expect((await runOk(['iptables-save'])).stdout.toString()).not.toContain(instance)
    expect(existsSync(`/sys/class/net/${networks.facts.bridge}`)).toBe(false)
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(folder)
    const processes = (await runOk(['ps', '-eo', 'stat,args'])).stdout.toString().split('\n')
    expect(processes.filter((line) => line.includes(folder) && !line.startsWith('Z'))).toEqual([])
  },
)
