import { describe, expect, it } from 'vitest'
import { dir, file, link, type Made, opaque, rewrite } from './testing/layers.ts'

const lines = (out: Made[]) =>
  out.map(({ name, type, linkname }) => [name, type === 'file' ? [] : [type, linkname ?? []]].flat(2).join(' '))

describe('what a layer has below a symbolic link of its own', () => {
  it.each<[string, Made[], string[]]>([
    ['below a relative link', [dir('usr/lib/'), link('lib', 'usr/lib'), file('lib/x')], ['usr/lib/x']],
    ['below an absolute link', [dir('etc/'), link('a', '/etc'), file('a/passwd')], ['etc/passwd']],
    ['by an absolute name', [dir('etc/'), link('a', '/etc'), file('/a/passwd')], ['etc/passwd']],
    ['in a folder that no entry made', [file('etc/x'), link('a', '/etc/../etc'), file('a/b/c')], ['etc/b/c']],
    ['below a link that leads out', [dir('x/'), link('a/b/l', '../../../../../../x'), file('a/b/l/y')], ['x/y']],
    [
      'below links to the root',
      [link('r', '/'), file('r/x'), link('up', '../..'), file('up/y/z')],
      ['x', 'up symlink ../..', 'y/z'],
    ],
    ['below links to links', [dir('d/'), link('a', 'b'), link('b', 'c'), link('c', '/d'), file('a/x')], ['d/x']],
    ['below a link below a link', [dir('b/'), dir('d/'), link('a', 'b'), link('a/c', '../d'), file('a/c/x')], ['d/x']],
    ['below a hard link to a link', [dir('etc/'), link('e', '/etc'), link('a', 'e', 'link'), file('a/x')], ['etc/x']],
    ['a folder', [link('a', '/'), dir('a/b/')], ['b/ directory']],
    ['a link', [link('a', '/'), link('a/b', 'c')], ['b symlink c']],
    ['a whiteout', [dir('etc/'), link('a', '/etc'), file('a/.wh.passwd', '')], ['etc/passwd character-device']],
    ['a hard link', [file('b/x'), link('a', 'b'), link('y', 'a/x', 'link')], ['y link b/x']],
    [
      'one after another',
      [dir('b/'), dir('c/'), link('a', 'b'), file('a/1'), link('a', 'c'), file('a/2')],
      ['b/1', 'a symlink c', 'c/2'],
    ],
    [
      'a link that something else replaces',
      [dir('etc/'), link('a/b', '/etc'), file('a/b'), file('a/c')],
      ['a/b', 'a/c'],
    ],
  ])('is where the link leads, inside: %s', async (_what, entries, expected) => {
    const { out } = await rewrite(entries)
    expect(lines(out).slice(-expected.length)).toEqual(expected)
    for (const { name } of out) expect(name).not.toMatch(/^(\/|a\/passwd|lib\/)|\.\./)
  })

  it('is hidden, and hides, where the link leads', async () => {
    const { out, summary } = await rewrite([
      dir('etc/', { mode: 0o700 }),
      link('a', '/etc'),
      file('a/.wh..wh..opq', ''),
    ])
    expect(out.at(-1)).toMatchObject({ name: 'etc/', mode: 0o700, pax: opaque })
    expect(summary).toMatchObject({ opaques: ['etc'], whiteouts: [] })
  })

  it('follows no more links than a real layer could have below one', async () => {
    const limits = { maxEntries: 1000, maxBytes: 1000, maxNameBytes: 10_000 }
    const far = `${'./'.repeat(400)}d`
    const entries = [dir('d/'), link('a', far), ...Array.from({ length: 20 }, (_, at) => file(`a/${at}`))]
    await expect(rewrite(entries, 512, limits)).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' })
    await expect(rewrite(entries.slice(0, 9), 512, limits)).resolves.toMatchObject({ summary: { entries: 9 } })
  })
})
