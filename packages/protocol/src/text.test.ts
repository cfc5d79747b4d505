import { expect, test } from 'vitest'
import { ContainerSpec } from './nouns/container/container.ts'
import { ExecCreateInput } from './nouns/session/exec.ts'
import { PullInput } from './nouns/image/image.ts'

const bad = ['a\u0000b', 'a\ud800b', '\udc00']

test.each(bad)('no container, command or pull is asked for with %j in its words', (word) => {
  const requests = [
    { labels: { note: word } },
    { labels: { [word]: 'x' } },
    { env: { NOTE: word } },
    { env: { [word]: 'x' } },
    { command: [word] },
    { entrypoint: [word] },
    { user: word },
    { workingDir: `/${word}` },
    { mounts: [{ type: 'tmpfs', target: `/${word}` }] },
    { stopSignal: word },
    { image: word },
  ]
  for (const desired of requests) {
    expect([desired, ContainerSpec.safeParse({ image: 'busybox', ...desired }).success]).toEqual([desired, false])
  }
  for (const desired of [{ command: [word] }, { user: word }, { workingDir: word }, { env: { A: word } }]) {
    expect([desired, ExecCreateInput.safeParse({ id: 'c', command: ['true'], ...desired }).success]).toEqual([
      desired,
      false,
    ])
  }
  expect(PullInput.safeParse({ reference: word }).success).toBe(false)
})

test('whole characters of every kind, and lines, are taken', () => {
  const labels = { ship: '🚢 and é\nand a second line' }
  expect(ContainerSpec.parse({ image: 'busybox', labels, env: { EMPTY: '' } })).toMatchObject({ labels })
})
