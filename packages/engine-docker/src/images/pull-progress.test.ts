import { expect, it } from 'vitest'
import { PullProgress } from './pull-progress.ts'

// As Docker 20.10 sent them for a pull from a near registry: lines that come fast are left out by the daemon.
const lines = [
  { status: 'Pulling from contract/web', id: '1' },
  { status: 'Pulling fs layer', id: 'aaa' },
  { status: 'Already exists', id: 'bbb' },
  { status: 'Downloading', id: 'aaa', progressDetail: { current: 10, total: 100 } },
  { status: 'Downloading', id: 'aaa', progressDetail: { current: 20, total: 100 } },
  { status: 'Extracting', id: 'aaa', progressDetail: { current: 50, total: 100 } },
  { status: 'Pulling fs layer', id: 'ccc' },
  { status: 'Status: Downloaded newer image' },
]

it('tells each layer’s steps to their end, though the daemon leaves lines out', () => {
  const progress = new PullProgress()
  const reported = [...lines.flatMap((line, at) => progress.read(line, at)), ...progress.end(lines.length)]
  const steps = (item: string) =>
    reported.filter((step) => step.item === item).map(({ step, state, currentBytes }) => [step, state, currentBytes])
  expect(steps('aaa')).toEqual([
    ['download', 'waiting', undefined],
    ['download', 'running', 10],
    ['download', 'done', 100],
    ['unpack', 'running', 50],
    ['unpack', 'done', 100],
  ])
  expect(steps('bbb')).toEqual([['download', 'skipped', undefined]])
  expect(steps('ccc').at(-1)).toEqual(['unpack', 'done', undefined])
  expect(reported.some(({ item }) => item === '1')).toBe(false)
})
