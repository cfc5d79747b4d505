import { describe, expect, it } from 'vitest'
import { resolveUser } from './user.ts'

const files = {
  passwd: [
    'root:x:0:0:root:/root:/bin/sh',
    '# a comment',
    'broken',
    'web:x:33:33::/var/www:/bin/false',
    'evil:x:99999999999:0::/:',
    '1000:x:5:6::relative:',
  ].join('\n'),
  group: 'root:x:0:\nweb:x:33:\naudio:x:29:web,other\nvideo:x:44:web\nbad:x:-1:web\n',
}

describe('resolving a user', () => {
  it('is root where nothing is said', () => {
    expect(resolveUser('', files)).toEqual({ uid: 0, gid: 0, additionalGids: [0], home: '/root', name: 'root' })
  })
  it('looks names up with their further groups', () => {
    expect(resolveUser('web', files)).toEqual({
      uid: 33,
      gid: 33,
      additionalGids: [33, 29, 44],
      home: '/var/www',
      name: 'web',
    })
    expect(resolveUser('33', files).additionalGids).toEqual([33, 29, 44])
  })
  it('leaves further groups out where a group is named', () => {
    expect(resolveUser('web:audio', files)).toMatchObject({ uid: 33, gid: 29, additionalGids: [29] })
    expect(resolveUser('7:8', files)).toEqual({ uid: 7, gid: 8, additionalGids: [8], home: '/', name: null })
  })
  it('takes an account whose name is a number by its name, and no home that is no path', () => {
    expect(resolveUser('1000', files)).toMatchObject({ uid: 5, gid: 6, home: '/' })
  })
  it('refuses what is not there', () => {
    expect(() => resolveUser('nobody', files)).toThrow(/no user "nobody"/)
    expect(() => resolveUser('web:none', files)).toThrow(/no group "none"/)
    expect(() => resolveUser('evil', files)).toThrow(/no user/)
    expect(() => resolveUser('4294967295', files)).toThrow(/no user/)
    expect(() => resolveUser('a:b:c', files)).toThrow(/given as/)
  })
})
