import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Platform, startPlatform } from '@flotilla/testkit/lab/platform'
import { openTab, type Tab } from '@flotilla/testkit/lab/tab'
import { type Fleet, fleetOf } from './fleet.ts'
import { openTerminal } from './terminal.ts'

let platform: Platform
let fleet: Fleet
const tabs: Tab[] = []
const tab = async () => {
  const opened = await openTab(platform)
  tabs.push(opened)
  return opened
}

beforeAll(async () => {
  platform = await startPlatform()
  fleet = fleetOf(platform)
})
afterAll(async () => {
  for (const one of tabs) one.close()
  await platform?.close()
})

test('a terminal comes back to the same shell after a reload, a killed agent and a new control plane', async () => {
  const { id } = await fleet.run({})
  const made = { command: ['/bin/sh'], tty: true, columns: 120, rows: 40 }
  const { id: session } = await fleet.ok<{ id: string }>('POST', `/containers/${id}/exec-sessions`, made)
  const first = await tab()
  const before = await openTerminal(first, id, session)
  const shell = await before.ask('echo $$')
  expect(Number(shell)).toBeGreaterThan(1)
  await before.ask('kept=something')

  first.close()
  const second = await tab()
  const reloaded = await openTerminal(second, id, session)
  expect([await reloaded.ask('echo $$ $kept'), await reloaded.ask('stty size')]).toEqual([
    `${shell} something`,
    '40 120',
  ])
  expect(reloaded.screen()).toContain(`${shell}\r\n`)

  await platform.killAgent()
  expect((await reloaded.ended).error?.code).toBe('UNAVAILABLE')
  await platform.startAgent()
  const revived = await openTerminal(second, id, session)
  expect(await revived.ask('echo $$ $kept')).toBe(`${shell} something`)

  await platform.killControlPlane()
  await platform.startControlPlane()
  await platform.connected()
  const again = await openTerminal(await tab(), id, session)
  expect(await again.ask('echo $$ $kept')).toBe(`${shell} something`)
}, 120_000)
