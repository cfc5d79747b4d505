import { fileURLToPath } from 'node:url'
import { run } from '@flotilla/host'
import { builtProgram } from '@flotilla/testkit/built-child'
import { expect, it } from 'vitest'

/** Everything that is called iptables is the first one, in a mount namespace of its own. */
const script = `set -e
mount --bind /usr/sbin/xtables-legacy-multi /usr/sbin/xtables-nft-multi
mount -t sysfs none /sys
ip link set lo up
iptables --version
exec "$@"`

it('rules of the first iptables, of which nobody tells, are put back at the next look', async () => {
  const child = await builtProgram(fileURLToPath(new URL('testing/legacy-child.ts', import.meta.url)))
  const argv = ['unshare', '--net', '--mount', 'sh', '-c', script, 'sh', process.execPath, child]
  const { stdout, stderr } = await run(argv, { timeoutMs: 60_000 })
  const [version, found] = stdout.toString().split('\n')
  expect(version).toMatch(/\(legacy\)$/)
  expect(`${found ?? ''}${stderr}`).toBe('{"untouched":false,"flushed":true,"isSame":true}')
})
