import { expect, it } from 'vitest'
import { parseIpv6Only, parseListeners } from './listeners.ts'

const heading = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'
const line = (local: string, state: string) =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 12345 1 0`

it('reads the sockets that wait for calls, in both families', () => {
  const table = [heading, line('0100007F:1F90', '0A'), line('00000000:0050', '01'), 'no line at all'].join('\n')
  expect(parseListeners(table, 'tcp')).toEqual([{ protocol: 'tcp', address: '127.0.0.1', port: 8080, inode: '12345' }])
  const mapped = line('0000000000000000FFFF00000200A8C0:0050', '0A')
  expect(parseListeners([heading, mapped].join('\n'), 'tcp')).toMatchObject([{ address: '192.168.0.2', port: 80 }])
  const six = line('000080FE00000000FF005450B6AD1DFE:0035', '07')
  expect(parseListeners([heading, six].join('\n'), 'udp')).toMatchObject([
    { address: 'fe80::5054:ff:fe1d:adb6', port: 53 },
  ])
})

it('passes over what is no socket', () => {
  const lines = [
    line('ZZZZZZZZ:0050', '0A'),
    line('0100007F:ZZZZ', '0A'),
    line('01:0050', '0A'),
    line('0100007F', '0A'),
  ]
  expect(parseListeners([heading, ...lines].join('\n'), 'tcp')).toEqual([])
})

it('reads which sockets of IPv6 are called by IPv4 as well', () => {
  const text = `udp UNCONN 0 0 *:7004 *:* ino:11 sk:3cd cgroup:/ v6only:0 <->
tcp LISTEN 0 511 [::]:7002 [::]:* uid:1000 ino:12 sk:3ce cgroup:/ v6only:1 <->
`
  expect([...parseIpv6Only(text)]).toEqual([
    ['11', false],
    ['12', true],
  ])
})
