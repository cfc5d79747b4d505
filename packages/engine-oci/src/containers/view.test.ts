import { because } from '@flotilla/protocol'
import { expect, test } from 'vitest'
import { ContainerRecord } from './record.ts'
import { toContainer } from './view.ts'

const none = ''
/** The record of an ended container on no network, with this reason. */
const stored = (exitReason: unknown) =>
  JSON.stringify({
    ...{ version: 1, id: 'a'.repeat(64), name: 'web', operationId: none, image: 'x', imageId: none, runtime: 'runc' },
    spec: { image: 'x', network: 'none' },
    imageConfig: { Entrypoint: [], Cmd: [], Env: [], User: none, WorkingDir: none, StopSignal: none },
    resolved: {
      ...{ entrypoint: [], command: [], env: [], ports: [] },
      ...{ user: none, workingDir: none, hostname: none, stopSignal: none },
    },
    ...{ phase: 'exited', paused: false, run: null, createdAt: none, startedAt: null, finishedAt: null },
    ...{ exitCode: null, exitReason, oomKilled: false, restartCount: 0, restartStreak: 0 },
    ...{ stoppedByUser: false, restartAt: null },
  })

/** Of a container on no network that does not run, its row asks nothing of networks. */
const nowhere = { engineId: 'oci', networks: undefined as never }
const rowOf = (text: string) => toContainer(nowhere, ContainerRecord.parse(JSON.parse(text)))

test('a kept reason is told by its kind, with the sentence that follows from it', () => {
  expect(rowOf(stored(because('container.hostRestarted')))).toMatchObject({
    stateReason: 'The host was restarted while it ran, so nobody saw its end.',
    stateReasonFacts: { kind: 'container.hostRestarted' },
  })
})

test('the sentence of an older record is told as it is', () => {
  const row = rowOf(stored('Killed by its own 32 MiB limit of memory.'))
  expect(row.stateReason).toBe('Killed by its own 32 MiB limit of memory.')
  expect(row).not.toHaveProperty('stateReasonFacts')
})

test('a record without a reason tells of none', () => {
  expect(rowOf(stored(null))).not.toHaveProperty('stateReason')
})
