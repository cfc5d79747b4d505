import { expect, it } from 'vitest'
import { boundFolder, reachesHost } from './host-folders.ts'

it.each([
  [{}, false],
  [{ size: '10m' }, false],
  [{ type: 'none', o: 'bind', device: '/srv' }, true],
  [{ o: 'bind', device: '/srv' }, true],
  [{ o: 'ro,rbind', device: '/srv' }, true],
  [{ type: 'tmpfs', o: 'bind', device: '/srv' }, true],
  [{ type: 'ext4', device: '/dev/sda1' }, true],
  [{ type: 'overlay', device: 'overlay', o: 'lowerdir=/,upperdir=/srv/a,workdir=/srv/b' }, true],
  [{ Type: 'none', O: 'bind', Device: '/srv' }, true],
  [{ type: 'tmpfs', device: 'tmpfs' }, false],
  [{ type: 'nfs', o: 'addr=192.0.2.1,rw', device: ':/export' }, false],
  [{ type: 'cifs', o: 'username=x', device: '//192.0.2.1/share' }, false],
])('says of a local volume with the options %j whether it reaches into the host: %s', (Options, expected) => {
  expect(reachesHost({ Driver: 'local', Options: { ...Options } as Record<string, string> })).toBe(expected)
})

it('knows the folder that a volume is', () => {
  const Options = { type: 'none', o: 'bind', device: '/srv' }
  expect(boundFolder({ Driver: 'local', Options })).toBe('/srv')
  expect(boundFolder({ Driver: 'local', Options: {} })).toBeUndefined()
  expect(boundFolder({ Driver: 'plugin', Options })).toBeUndefined()
})
