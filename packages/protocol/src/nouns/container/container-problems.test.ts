import { expect, test } from 'vitest'
import { because, reasonFields } from '../../reasons/because.ts'
import type { StoredReason } from '../../reasons/reason.ts'
import { containerProblems } from './container-problems.ts'
import { Container } from './container.ts'

/** A container that ended just now, for this reason. */
function ended(reason: StoredReason | undefined, exitCode = 3): Container {
  const now = new Date().toISOString()
  return Container.parse({
    ...{ id: 'a', engine: 'fake', name: 'web', image: 'x', imageId: '', command: [], state: 'exited', exitCode },
    ...{ createdAt: now, startedAt: now, finishedAt: now, ports: [], network: 'none', labels: {}, tty: false },
    ...{ createdByFlotilla: true, ...reasonFields('stateReason', reason) },
  })
}

test('the cause of a problem is the reason of the container, with what its sentence is made of', () => {
  const reason = because('container.processKilled')
  const { stateReason: cause } = reasonFields('stateReason', reason)
  expect(containerProblems(ended(reason))).toMatchObject([{ kind: 'failed', cause, causeFacts: reason }])
})

test('the cause of a problem is the sentence alone where an older agent tells no more', () => {
  const [problem] = containerProblems(ended('The disk was full.'))
  expect(problem).toMatchObject({ kind: 'failed', cause: 'The disk was full.' })
  expect(problem).not.toHaveProperty('causeFacts')
})

test('a container that runs is a problem where it tells a reason', () => {
  const running = { state: 'running' as const, exitCode: null, finishedAt: null }
  const reason = because('bridge.notWhole', { network: 'shop' })
  expect(containerProblems({ ...ended(reason), ...running })).toMatchObject([{ kind: 'impaired', causeFacts: reason }])
  expect(containerProblems({ ...ended(undefined), ...running })).toEqual([])
})

test('a container that tells no reason has a cause that says where to look', () => {
  expect(containerProblems(ended(undefined))).toMatchObject([{ cause: 'Its logs may say why.' }])
  expect(containerProblems(ended(undefined, 0))).toEqual([])
})
