import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { linkThatLosesItsRoute } from './router-route.ts'

const [zeros, other] = ['0'.repeat(32), 'fd'.padEnd(32, '0')]
let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'flotilla-router-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const put = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
/** As /proc/net/ipv6_route has a route. */
const route = (target: string, bits: string, flags: string) =>
  `${target} ${bits} ${zeros} 00 fe80${'0'.repeat(27)}1 00000400 00000002 00000000 ${flags}     eth0`
function host(routes: string[], { forwarding = '0', acceptRa = '1' } = {}) {
  put('proc/net/ipv6_route', `${routes.join('\n')}\n`)
  put('proc/sys/net/ipv6/conf/all/forwarding', `${forwarding}\n`)
  put('proc/sys/net/ipv6/conf/eth0/accept_ra', `${acceptRa}\n`)
}

it('is the one whose default route a router told, as long as the host does not forward and would listen no more', async () => {
  const fromRouter = route(zeros, '00', '00450003')
  const fromSomebody = route(zeros, '00', '00000003')
  const others = [route(zeros, '00', '00200200'), route(other, '40', '00440001')]
  host([...others, fromRouter])
  expect(await linkThatLosesItsRoute(root)).toBe('eth0')
  host([...others, fromRouter], { acceptRa: '2' })
  expect(await linkThatLosesItsRoute(root)).toBeNull()
  host([...others, fromRouter], { forwarding: '1' })
  expect(await linkThatLosesItsRoute(root)).toBeNull()
  host([...others, fromSomebody])
  expect(await linkThatLosesItsRoute(root)).toBeNull()
})

it('is none on a kernel without IPv6', async () => {
  expect(await linkThatLosesItsRoute(root)).toBeNull()
})
