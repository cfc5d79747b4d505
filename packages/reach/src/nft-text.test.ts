import { expect, it } from 'vitest'
import { readNftText } from './nft-text.ts'

it('reads what nft leaves out of its JSON: switched off tables, sets that rules fill, interfaces of chains', () => {
  const text = `table inet fence { # handle 1
\tflags dormant

\tset seen { # handle 2
\t\ttype ipv4_addr
\t\tflags dynamic,timeout
\t}

\tchain out { # handle 1
\t\ttype filter hook egress devices = { eth0, "eth1" } priority filter; policy accept;
\t\ttcp sport 80 counter packets 0 bytes 0 drop # handle 3
\t}
}
table netdev own { # handle 2
\tset fixed { # handle 2
\t\ttype ipv4_addr
\t\tflags interval
\t}

\tchain in { # handle 1
\t\ttype filter hook ingress device "eth0" priority 0; policy accept;
\t}
}
`
  const { rules, dormant, dynamic, devices } = readNftText(text)
  expect([...dormant]).toEqual(['inet fence'])
  expect([...dynamic]).toEqual(['inet fence seen'])
  expect([...devices]).toEqual([
    ['inet fence out', ['eth0', 'eth1']],
    ['netdev own in', ['eth0']],
  ])
  expect([...rules]).toEqual([['inet fence 3', 'tcp sport 80 drop']])
})
