import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run, runOk } from '@flotilla/host'
import { buildChild } from '@flotilla/testkit/built-child'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { antiSpoofingTable } from './anti-spoofing-rules.ts'
import { NetworkEvents } from './network-events.ts'

const instance = randomBytes(3).toString('hex')
const chain = `FLOTILLA-${instance}-FW`
const table = `bridge ${antiSpoofingTable(instance)}`
let events: NetworkEvents

async function changeLinks(): Promise<void> {
  await runOk(['ip', 'link', 'add', `t${instance}`, 'type', 'bridge'])
  await runOk(['ip', 'link', 'delete', `t${instance}`])
}

/** What changed until the links, which change last, are told of. */
async function heard(): Promise<boolean> {
  let rules = false
  await expect
    .poll(
      async () => {
        await changeLinks()
        const changes = await events.take()
        rules ||= changes.rules
        return changes.links
      },
      { timeout: 10_000, interval: 300 },
    )
    .toBe(true)
  return rules
}

beforeEach(async () => {
  events = new NetworkEvents(instance)
  expect(await events.take()).toEqual({ links: true, rules: true }) // nobody listened before
  await heard()
})
afterEach(async () => {
  await events.close()
  await run(['iptables', '-w', '-D', 'FORWARD', '-j', chain])
  await run(['iptables', '-w', '-X', chain])
  await run(['nft', 'delete', 'table', ...table.split(' ')])
})

it('tells of rules of its own that others change, and of none that it writes itself or that are others’', async () => {
  const restore = (text: string, onStart = (_pid: number) => {}) =>
    run(['iptables-restore', '--noflush', '--wait', '5'], { stdin: `*filter\n${text}\nCOMMIT\n`, onStart })
  expect((await restore(`:${chain} - [0:0]\n-I FORWARD 1 -j ${chain}`, events.wrote)).exitCode).toBe(0)
  await runOk(['nft', '-f', '-'], { stdin: `table ${table} {\nchain guard {\naccept\n}\n}\n`, onStart: events.wrote })
  await run(['iptables', '-w', '-N', `OTHER-${instance}`])
  await run(['iptables', '-w', '-X', `OTHER-${instance}`])
  expect(await heard()).toBe(false)
  for (const line of [`-D FORWARD -j ${chain}`, `-A ${chain} -j ACCEPT`, `-F ${chain}`]) {
    expect((await restore(line)).exitCode).toBe(0)
    expect(`${line}: ${await heard()}`).toBe(`${line}: true`)
  }
  await runOk(['nft', 'delete', 'table', ...table.split(' ')])
  expect(await heard()).toBe(true)
})

it('is waited for at its end, also by a process that waits for nothing else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-events-'))
  try {
    const program = await buildChild(fileURLToPath(new URL('./testing/close-events.ts', import.meta.url)), folder)
    const { stdout } = await runOk([process.execPath, program, instance])
    expect(stdout.toString()).toBe('closed')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
