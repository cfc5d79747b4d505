import { runOk } from '@flotilla/host'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Box, Boxes, fetchFromHost } from './testing/boxes.ts'
import { NarrowPath } from './testing/narrow-path.ts'
import { readUplinkMtu } from './uplink-mtu.ts'

let boxes: Boxes
let path: NarrowPath
/** Many segments of any size. */
const large = 'large '.repeat(10_000).trim()

beforeAll(async () => {
  boxes = await Boxes.open()
  path = await NarrowPath.make(boxes, 1400)
  await path.server.serve(large)
}, 60_000)
afterAll(async () => {
  await path?.remove()
  await boxes.close()
})

const mtuInside = async (box: Box) => Number(/mtu (\d+)/.exec(await box.sh('ip -o link show dev eth0'))?.[1])

it('what the host can fetch a container can, over a link on which it does not fit and that tells nobody', async () => {
  expect(await fetchFromHost(path.address, 80)).toBe(large)
  const wide = await boxes.start('wide', [await boxes.create('wide', { mtu: 1500 })])
  expect(await mtuInside(wide)).toBe(1500)
  expect(await wide.fetch(path.address)).toBe(large)
  // It is by the rule that it can.
  const chain = `FLOTILLA-${boxes.instance}-IS`
  await runOk(['iptables', '-w', '-t', 'mangle', '-F', chain])
  expect(await wide.fetch(path.address)).toMatch(/timeout/)
  await boxes.networks.reconcile()
  expect(await wide.fetch(path.address)).toBe(large)
})

it('follows the uplink, also while containers run, unless it was asked for', async () => {
  const had = await readUplinkMtu()
  await path.beUplink()
  const uplink = (await readUplinkMtu()) ?? 0
  expect(uplink).toBe(had ?? 1400)
  const own = await boxes.start('own', [])
  const asked = await boxes.start('asked', [await boxes.create('asked', { mtu: 1350 })])
  const internal = await boxes.start('internal', [await boxes.create('internal', { internal: true })])
  expect(await Promise.all([own, asked, internal].map(mtuInside))).toEqual([uplink, 1350, 1500])
  await runOk(['ip', 'link', 'set', 'dev', path.link, 'mtu', '1300'])
  const later = await boxes.start('later', [])
  await expect.poll(() => boxes.networks.tend(), { timeout: 5000 }).toBe(false)
  const wanted = had ?? 1300
  expect(await Promise.all([own, later, asked, internal].map(mtuInside))).toEqual([wanted, wanted, 1350, 1500])
})
