import { ContainerSpec } from '@flotilla/protocol'
import { describe, expect, it } from 'vitest'
import type { ContainerRecord } from './record.ts'
import { planRestart, restartDelay } from './restart-policy.ts'

const at = '2026-01-01T00:00:05.000Z'
const now = Date.parse(at)

function record(restart: object, more: Partial<ContainerRecord> = {}): ContainerRecord {
  const text = ''
  return {
    ...{ version: 1, id: text, name: text, operationId: text, image: text, imageId: text, runtime: 'runc' },
    spec: ContainerSpec.parse({ image: 'x', restart }),
    imageConfig: { Entrypoint: [], Cmd: [], Env: [], User: text, WorkingDir: text, StopSignal: text },
    resolved: {
      ...{ entrypoint: [], command: [], env: [], ports: [] },
      ...{ user: text, workingDir: text, hostname: text, stopSignal: text },
    },
    ...{ phase: 'running', paused: false, run: null, createdAt: at, startedAt: '2026-01-01T00:00:04.000Z' },
    ...{ finishedAt: null, exitCode: null, exitReason: null, oomKilled: false, restartCount: 0, restartStreak: 0 },
    ...{ stoppedByUser: false, renewing: false, restartAt: null, volumes: [], removeVolumes: false, ownerName: null },
    ...more,
  }
}

const delay = (given: ContainerRecord, exitCode: number | null) => {
  const { restartAt } = planRestart(given, { exitCode, at }, now)
  return restartAt === null ? null : Date.parse(restartAt) - now
}

describe('planRestart', () => {
  it('follows the policy and the code', () => {
    expect(delay(record({ policy: 'no' }), 1)).toBeNull()
    expect(delay(record({ policy: 'always' }), 0)).toBe(100)
    expect(delay(record({ policy: 'unless-stopped' }), 0)).toBe(100)
    expect(delay(record({ policy: 'on-failure' }), 0)).toBeNull()
    expect(delay(record({ policy: 'on-failure' }), 1)).toBe(100)
    expect(delay(record({ policy: 'on-failure' }), null)).toBe(100) // nobody saw it end: not a success
  })

  it('stops at the number of retries and where a person stopped it', () => {
    const thrice = { policy: 'on-failure', maximumRetries: 3 }
    expect(delay(record(thrice, { restartCount: 2 }), 1)).toBe(100)
    expect(delay(record(thrice, { restartCount: 3 }), 1)).toBeNull()
    expect(delay(record({ policy: 'always' }, { stoppedByUser: true }), 1)).toBeNull()
  })

  it('goes on with a stop that was for a new network, whatever the policy, unless a person stopped it meanwhile', () => {
    for (const policy of ['no', 'always', 'on-failure']) {
      expect(delay(record({ policy }, { renewing: true }), 0)).toBe(100)
      expect(delay(record({ policy }, { renewing: true, stoppedByUser: true }), 0)).toBeNull()
    }
  })

  it('waits twice as long each time up to a minute, and begins anew after a steady run', () => {
    const always = { policy: 'always' }
    expect([0, 1, 2, 9, 10, 500].map((restartStreak) => delay(record(always, { restartStreak }), 1))).toEqual([
      ...[100, 200, 400, 51_200, 60_000, 60_000],
    ])
    const steady = record(always, { restartStreak: 9, startedAt: '2025-12-31T23:59:00.000Z' })
    expect(planRestart(steady, { exitCode: 1, at }, now)).toEqual({
      restartAt: '2026-01-01T00:00:05.100Z',
      restartStreak: 1,
    })
  })
})

describe('restartDelay', () => {
  const planned = (restartStreak: number) => {
    const always = record({ policy: 'always' }, { restartStreak })
    return { ...always, ...planRestart(always, { exitCode: 1, at }, now) }
  }

  it('is what is left of it, and nothing once its time has come', () => {
    expect([0, 100, 300, 999].map((later) => restartDelay(planned(2), now + later))).toEqual([400, 300, 100, 0])
    expect(restartDelay(record({ policy: 'no' }), now)).toBeUndefined()
  })

  it('is never longer than it was planned, also where the clock was set back by an hour or a day', () => {
    const [hour, day] = [3_600_000, 24 * 3_600_000]
    expect([hour, day].map((back) => restartDelay(planned(2), now - back))).toEqual([400, 400])
    expect(restartDelay(planned(500), now - day)).toBe(60_000)
  })
})

it('a run that began before the clock was set back counts as steady', () => {
  const later = record({ policy: 'always' }, { restartStreak: 9, startedAt: '2026-01-01T00:50:00.000Z' })
  expect(planRestart(later, { exitCode: 1, at }, now).restartStreak).toBe(1)
})
