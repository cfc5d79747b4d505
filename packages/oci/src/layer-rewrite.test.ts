import { describe, expect, it } from 'vitest'
import { paddingBytes, encodeHeader } from './tar-header.ts'
import { encodePax, endOfArchive } from './tar-pax.ts'
import { archive, dir, file, link, type Made, opaque, plain, raw, rewrite, rewriteBytes } from './testing/layers.ts'

describe('rewriting a layer', () => {
  it.each([1, 511, 512, 513, 100_000])('keeps names, modes, owners and bodies in chunks of %d bytes', async (chunk) => {
    const long = `${'d'.repeat(120)}/${'f'.repeat(150)}`
    const { out, summary } = await rewrite(
      [
        dir('./'),
        dir('usr/', { mode: 0o1777, uid: 12, gid: 34 }),
        file('./usr/a', 'hello'.repeat(300), { mode: 0o4755, uid: 200_000, mtime: new Date(1_700_000_000_000) }),
        file(long, 'long'),
        file('ünï/😀', 'utf8'),
        link('usr/l', '/etc/passwd'),
        link('usr/h', './usr/a', 'link'),
        { name: 'fifo', type: 'fifo' },
      ],
      chunk,
    )
    expect(out).toMatchObject([
      { name: './', type: 'directory' },
      { name: 'usr/', mode: 0o1777, uid: 12, gid: 34 },
      { name: 'usr/a', body: 'hello'.repeat(300), mode: 0o4755, uid: 200_000, mtime: new Date(1_700_000_000_000) },
      { name: long, body: 'long' },
      { name: 'ünï/😀', body: 'utf8' },
      { name: 'usr/l', type: 'symlink', linkname: '/etc/passwd' },
      { name: 'usr/h', type: 'link', linkname: 'usr/a' },
      { name: 'fifo', type: 'fifo' },
    ])
    expect(summary).toMatchObject({ entries: 8, sizeBytes: 1508, whiteouts: [], opaques: [] })
  })

  it('turns whiteouts into devices and opaque marks into attributes of their folders', async () => {
    const { out, summary } = await rewrite([
      file('a/.wh.gone', ''),
      file('.wh.top', ''),
      dir('b/', { mode: 0o750, uid: 7 }),
      file('b/.wh..wh..opq', ''),
      file('c/.wh..wh..opq', ''),
      dir('c/', { mode: 0o700 }),
      file('.wh..wh.plnk', ''),
    ])
    expect(out).toMatchObject([
      { name: 'a/gone', type: 'character-device', devmajor: 0, devminor: 0 },
      { name: 'top', type: 'character-device', devmajor: 0, devminor: 0 },
      { name: 'b/', mode: 0o750, uid: 7 },
      { name: 'b/', mode: 0o750, uid: 7, pax: opaque },
      { name: 'c/', pax: opaque },
      { name: 'c/', mode: 0o700, pax: opaque },
    ])
    expect(summary).toMatchObject({ whiteouts: ['a/gone', 'top'], opaques: ['b', 'c'] })
  })

  it('makes a folder anew that a layer removes and has something below, and takes no other thing in its place', async () => {
    const { out, summary } = await rewrite([file('.wh.a', ''), file('a/.wh.b', ''), file('a/b/c'), file('a/b/d')])
    expect(out.map(({ name, type, pax }) => `${name} ${type} ${JSON.stringify(pax ?? {})}`)).toEqual([
      'a character-device {}',
      `a/ directory ${JSON.stringify(opaque)}`,
      'a/b character-device {}',
      `a/b/ directory ${JSON.stringify(opaque)}`,
      'a/b/c file {}',
      'a/b/d file {}',
    ])
    expect(summary).toMatchObject({ whiteouts: [], opaques: ['a', 'a/b'] })
    for (const other of [link('a', '/etc'), file('a')]) {
      await expect(rewrite([file('a/.wh..wh..opq', ''), other])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    }
  })

  it('lets a whiteout act on the layers below alone, whatever the order', async () => {
    const before = await rewrite([file('.wh.x', ''), file('x', 'new'), file('.wh.d', ''), dir('d/'), file('d/n')])
    const after = await rewrite([file('x', 'new'), file('.wh.x', ''), dir('d/'), file('d/n'), file('.wh.d', '')])
    for (const { summary } of [before, after]) expect(summary).toMatchObject({ whiteouts: [], opaques: ['d'] })
    expect(before.out.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'x character-device',
      'x file',
      'd character-device',
      'd/ directory',
      'd/n file',
    ])
    expect(after.out.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'x file',
      'd/ directory',
      'd/n file',
      'd/ directory',
    ])
    expect(after.out.at(-1)).toMatchObject({ pax: opaque })
  })

  it('keeps file capabilities byte for byte, and no attribute that steers overlayfs', async () => {
    const capability = Buffer.from('0100000280ff0000000000000000000000000000', 'hex')
    const pax = new Map([
      ['SCHILY.xattr.security.capability', capability],
      ['SCHILY.xattr.trusted.overlay.redirect', Buffer.from('/etc')],
      ['SCHILY.xattr.user.overlay.opaque', Buffer.from('y')],
      ['SCHILY.xattr.security.selinux', Buffer.from('x')],
      ['SCHILY.xattr.user.note', Buffer.from('kept')],
    ])
    const { data } = await rewriteBytes(Buffer.concat([raw({ name: 'ping' }, Buffer.from('b'), pax), endOfArchive]))
    expect(data.includes(capability)).toBe(true)
    expect(data.includes('user.note=kept')).toBe(true)
    expect(data.includes('trusted')).toBe(false)
    expect(data.includes('user.overlay')).toBe(false)
    expect(data.includes('selinux')).toBe(false)
  })

  it('puts absolute names and hard links below the root', async () => {
    const entries = [dir('/'), dir('/app/'), file('//app/run'), link('/app/again', '/app/run', 'link')]
    const { out } = await rewrite([...entries, link('/app/sh', '/bin/sh'), file('/app/.wh.old', '')])
    expect(out.map(({ name, type, linkname }) => `${name} ${type} ${linkname ?? ''}`)).toEqual([
      './ directory ',
      'app/ directory ',
      'app/run file ',
      'app/again link app/run',
      'app/sh symlink /bin/sh',
      'app/old character-device ',
    ])
  })

  it('keeps device nodes, pipes and their numbers', async () => {
    const disk: Made = { name: 'dev/disk', type: 'block-device', devmajor: 259, devminor: 200_000 }
    const nothing: Made = { name: 'dev/none', type: 'block-device', devmajor: 0, devminor: 0 }
    const { out } = await rewrite([
      { name: 'dev/null', type: 'character-device', devmajor: 1, devminor: 3 },
      disk,
      nothing,
    ])
    expect(out).toMatchObject([{ name: 'dev/null', devmajor: 1, devminor: 3 }, disk, nothing])
  })

  it('leaves out what aufs kept for itself, at any depth, but for the files that hard links of the layer lead to', async () => {
    const { out, summary } = await rewrite([
      file('.wh..wh.aufs', ''),
      dir('.wh..wh.orph/'),
      file('.wh..wh.orph/lost'),
      dir('.wh..wh.plnk/'),
      file('.wh..wh.plnk/12.34', 'shared'),
      link('.wh..wh.plnk/out', '/etc'),
      file('.wh..wh.plnk/.wh.12.34', ''),
      file('.wh..wh.plnk/.wh..wh.plnk', ''),
      file('.wh..wh.plnk/.wh..wh..opq', ''),
      file('.wh..wh.plnk/deep/56.78'),
      dir('a/.wh..wh.x/y/'),
      dir('a/'),
      file('a/.wh..wh..opq', ''),
      link('a/one', '.wh..wh.plnk/12.34', 'link'),
      link('a/two', '/.wh..wh.plnk/12.34', 'link'),
    ])
    expect(out.map(({ name, type, linkname }) => `${name} ${type} ${linkname ?? ''}`.trim())).toEqual([
      '.wh..wh.plnk/12.34 file',
      'a/ directory',
      'a/ directory',
      'a/one link .wh..wh.plnk/12.34',
      'a/two link .wh..wh.plnk/12.34',
    ])
    expect(summary).toMatchObject({ whiteouts: [], opaques: ['a'] })
  })
})

/** A folder of 4,000 letters below one of as many. */
const deepLinks = [
  dir(`a/${'d/'.repeat(1500)}`),
  link('l', `a/${'d/'.repeat(1500)}`),
  dir(`l/${'e/'.repeat(500)}`),
  link('m', `l/${'e/'.repeat(500)}`),
  file(`m/${'f/'.repeat(500)}x`),
]

describe('hostile layers', () => {
  it.each<[string, Made[]]>([
    ['a way up', [file('../x')]],
    ['a way up in the middle', [file('a/../../x')]],
    ['a way up that comes back', [file('a/../b')]],
    ['a bare way up', [dir('..')]],
    ['a way up from an absolute name', [file('/../x')]],
    ['an absolute name through a link', [link('a', '/etc'), file('/a/passwd')]],
    ['a file through an absolute link', [link('a', '/etc'), file('a/passwd')]],
    ['a folder through a link to what a lower layer may have', [link('a', '/var/../etc'), dir('a/b/')]],
    ['a file through a link to what the layer removes', [file('.wh.b', ''), link('a', 'b'), file('a/x')]],
    ['a whiteout through a link', [link('a', '/etc'), file('a/.wh.passwd', '')]],
    ['an opaque mark through a link', [link('a', '/etc'), file('a/.wh..wh..opq', '')]],
    ['an opaque mark on a link', [link('a', '/etc'), file('./a/.wh..wh..opq', '')]],
    ['a file through a hard link to a link', [link('e', '/etc'), link('a', 'e', 'link'), file('a/x')]],
    ['an absolute root that is a file', [file('/')]],
    ['a root that is a link', [link('.', '/etc')]],
    ['a root that is a file', [file('./')]],
    ['a folder in place of a link', [link('a', '/etc'), dir('a/')]],
    ['a link in place of a folder', [dir('a/'), link('a', '/etc')]],
    ['a hard link up', [link('a', '../../etc/shadow', 'link')]],
    ['an absolute hard link', [link('a', '/etc/shadow', 'link')]],
    ['a hard link through a link', [link('e', '/etc'), link('a', 'e/shadow', 'link')]],
    ['a hard link to what is not there', [link('a', 'etc/shadow', 'link')]],
    ['a hard link to a folder', [dir('etc/'), link('a', 'etc', 'link')]],
    ['a hard link to what the layer removes', [file('.wh.gone', ''), link('a', 'gone', 'link')]],
    ['a hard link to itself by another way', [dir('b/'), link('l', 'b'), file('b/a'), link('b/a', 'l/a', 'link')]],
    ['a file through a link to itself', [link('a', 'a'), file('a/x')]],
    ['a file through links in a circle', [link('a', 'b/c'), link('b', '/a'), file('a/x')]],
    ['a file through a link to a file', [file('f'), link('a', 'f'), file('a/x')]],
    ['a file through links that lead too deep', deepLinks],
    ['a file in place of a folder', [dir('a/'), file('a')]],
    ['a link in place of a folder that something lies in', [file('a/b'), link('a', '/etc'), file('a/passwd')]],
    ['a folder of aufs as a hard link', [link('.wh..wh.plnk', '/etc'), link('a', '.wh..wh.plnk/shadow', 'link')]],
    [
      'a device of a number that wraps to a whiteout',
      [{ name: 'a', type: 'character-device', devmajor: 4096, devminor: 0 }],
    ],
    ['a hard link to itself', [link('a', 'a', 'link')]],
    ['a whiteout of the parent', [file('a/.wh...', '')]],
    ['a whiteout of the folder', [file('a/.wh..', '')]],
    ['a whiteout of nothing', [file('a/.wh.', '')]],
    ['a file below a whiteout', [file('.wh.a/b')]],
    ['an overlay whiteout', [{ name: 'a', type: 'character-device', devmajor: 0, devminor: 0 }]],
    ['a file below a file', [file('a'), file('a/b')]],
    ['a name of 256 bytes', [file('n'.repeat(256))]],
    ['a path of 4,096 bytes', [file(Array.from({ length: 32 }, () => 'p'.repeat(127)).join('/') + '/q')]],
    ['an empty link', [{ name: 'a', type: 'symlink', linkname: '' }]],
  ])('refuses %s', async (_what, entries) => {
    await expect(rewrite(entries)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  it('refuses NUL bytes in names, huge owners, unknown kinds', async () => {
    const cases = [
      raw({ name: 'a' }, undefined, new Map([['path', Buffer.from('a\0b')]])),
      raw({ name: 'a' }, undefined, new Map([['path', Buffer.from('../x')]])),
      raw({ name: 'a', uid: 0xffffffff }),
      raw({ name: 'a' }, undefined, new Map([['path', Buffer.from([0xff, 0x2f, 0x2e, 0x2e])]])),
      raw({ name: 'a' }, undefined, new Map([['size', Buffer.from('-1')]])),
      raw({ name: 'a' }, undefined, new Map([['mtime', Buffer.from('soon')]])),
      raw({ name: 'a' }, undefined, new Map([['path', Buffer.from('/../x')]])),
    ]
    for (const data of cases) {
      await expect(rewriteBytes(Buffer.concat([data, endOfArchive]))).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      })
    }
  })

  it('refuses what is broken, cut short or random', async () => {
    const good = await archive([file('a', 'x'.repeat(2000)), file('b')])
    const flipped = Buffer.from(good)
    flipped[3] = 0x41
    const cut = [1, 511, 513, 1200, 2559, 3000].map((bytes) => good.subarray(0, bytes))
    for (const data of [flipped, ...cut, Buffer.alloc(2048, 0x55)]) {
      await expect(rewriteBytes(data)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    }
    await expect(rewriteBytes(Buffer.alloc(0))).resolves.toMatchObject({ summary: { entries: 0 } })
  })

  it('reads a header of at most 1 MiB into memory', async () => {
    const huge = raw({ name: 'p', sizeBytes: 7 * 1024 ** 3 })
    huge.write('x', 156)
    huge.fill(32, 148, 156)
    let sum = 0
    for (const byte of huge.subarray(0, 512)) sum += byte
    huge.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
    await expect(rewriteBytes(huge)).rejects.toMatchObject({
      message: expect.stringContaining('larger than 1 MiB') as unknown,
    })
  })

  it.each(['x', 'g'] as const)(
    'reads no more than 1 MiB of headers into memory, however many of the kind %s',
    async (flag) => {
      const records = (at: number) => encodePax(new Map([[`key${at}`, Buffer.alloc(300_000)]]))
      const headers = Array.from({ length: 6 }, (_, at) => {
        const body = records(at)
        const block = encodeHeader({ ...plain, name: 'pax', sizeBytes: body.length }, flag)
        const between = flag === 'g' ? raw({ name: `f${at}` }) : Buffer.alloc(0)
        return Buffer.concat([block, body, Buffer.alloc(paddingBytes(body.length)), between])
      })
      await expect(rewriteBytes(Buffer.concat([...headers, raw({ name: 'a' }), endOfArchive]))).rejects.toMatchObject({
        kind: 'image.badTar',
        message: expect.stringContaining('larger than 1 MiB') as unknown,
      })
    },
  )

  it('lets a later global record replace an earlier one', async () => {
    const path = (name: string) => {
      const body = encodePax(new Map([['path', Buffer.from(name)]]))
      const block = encodeHeader({ ...plain, name: 'pax', sizeBytes: body.length }, 'g')
      return Buffer.concat([block, body, Buffer.alloc(paddingBytes(body.length))])
    }
    const data = Buffer.concat([path('one'), raw({ name: 'a' }), path('two'), raw({ name: 'b' }), endOfArchive])
    const { data: out } = await rewriteBytes(data)
    expect([0, 512].map((at) => out.toString('latin1', at, at + 3))).toEqual(['one', 'two'])
  })

  it('stops at its limits', async () => {
    const limits = { maxEntries: 10, maxBytes: 1000, maxNameBytes: 500 }
    const many = await archive(Array.from({ length: 11 }, (_, i) => file(`f${i}`)))
    const big = raw({ name: 'big', sizeBytes: 1001 })
    const deep = await archive([file('a/b/c/d/e/f'), file('g/h/i/j/k/l')])
    const names = await archive([file('n'.repeat(200)), file('m'.repeat(200)), file('o'.repeat(200))])
    for (const data of [many, deep, big, names]) {
      await expect(rewriteBytes(data, 512, limits)).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' })
    }
  })

  it('survives 2,000 seeded mutations without anything but its own refusals', async () => {
    const good = await archive([
      dir('d/'),
      file('d/f', 'body'),
      link('d/l', 'f'),
      file('d/.wh.x', ''),
      file('l'.repeat(200)),
    ])
    let seed = 7
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648
      return seed % below
    }
    for (let round = 0; round < 2000; round += 1) {
      const data = Buffer.from(good)
      for (let flips = 0; flips < 3; flips += 1) data[random(data.length)] = random(256)
      await rewriteBytes(data, 777).catch((error: unknown) => {
        expect(error).toMatchObject({
          name: 'FlotillaError',
          code: expect.stringMatching(/INVALID_ARGUMENT|RESOURCE/) as unknown,
        })
      })
    }
  })
})
