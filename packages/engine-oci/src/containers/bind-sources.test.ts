import { mountInside } from '@flotilla/kernel'
import { expect, it } from 'vitest'
import { mountsReadOnlyThrough } from './bind-sources.ts'

it('knows kernels and runtimes that make a mount read-only all through', () => {
  expect(mountsReadOnlyThrough('5.12.0', '1.1.0')).toBe(true)
  expect(mountsReadOnlyThrough('6.1.0-13-amd64', '1.1.5+ds1')).toBe(true)
  expect(mountsReadOnlyThrough('5.10.0-8-amd64', '1.1.5')).toBe(false)
  expect(mountsReadOnlyThrough('6.1.0', '1.0.0~rc93+ds1')).toBe(false)
  expect(mountsReadOnlyThrough('6.1.0', null)).toBe(false)
})

it('finds what is mounted inside of a folder, and nothing beside it', () => {
  const lines = ['/', '/srv', '/srv/with\\040space', '/srv2/other', '/home'].map(
    (target, at) => `${at + 20} 1 0:${at} / ${target} rw,relatime shared:1 - ext4 /dev/sda1 rw`,
  )
  const text = `${lines.join('\n')}\n`
  expect(mountInside(text, '/srv')).toBe('/srv/with space')
  expect(mountInside(text, '/srv2')).toBe('/srv2/other')
  expect(mountInside(text, '/home')).toBeUndefined()
  expect(mountInside(text, '/')).toBe('/srv')
})
