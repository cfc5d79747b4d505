import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ContainerSpec } from '@flotilla/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ContainerRecord } from './record.ts'
import { RecordStore } from './record-store.ts'
import { followingSpec, waitsForOwner, whyNoNetwork } from './shared-network.ts'

let folder: string
let store: RecordStore

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-shared-'))
  store = new RecordStore(folder, () => {})
})
afterEach(() => rm(folder, { recursive: true }))

const idOf = (digit: string) => digit.repeat(64)

function save(id: string, name: string, more: Partial<ContainerRecord> = {}, network = 'bridge') {
  const none = { entrypoint: [], command: [], env: [], user: '', workingDir: '/', hostname: name, stopSignal: 'TERM' }
  const imageConfig = { Entrypoint: [], Cmd: [], Env: [], User: '', WorkingDir: '', StopSignal: '' }
  return store.save({
    ...{ version: 1, id, name, operationId: '', image: 'web', imageId: 'web', imageConfig, runtime: 'runc' },
    ...{ spec: ContainerSpec.parse({ name, image: 'web', network }), resolved: { ...none, ports: [] } },
    ...{
      ownerName: null,
      phase: 'running',
      paused: false,
      run: null,
      volumes: [],
      removeVolumes: false,
      oomKilled: false,
    },
    ...{ createdAt: '2026-01-01T00:00:00Z', startedAt: '2026-01-01T00:00:01Z', finishedAt: null, exitCode: null },
    ...{ exitReason: null, restartCount: 0, restartStreak: 0, stoppedByUser: false, renewing: false, restartAt: null },
    ...more,
  })
}

describe('who shares the network of a container that it names by its id', () => {
  it('has nothing of another one that has that id as its name, which an earlier agent let it have', async () => {
    await save(idOf('a'), 'web')
    const sharer = await save(idOf('b'), 'partner', {}, `container:${idOf('a')}`)
    await save(idOf('c'), idOf('a'), { phase: 'created' })
    expect(whyNoNetwork({ store }, sharer)).toBeUndefined()
    await store.update(idOf('a'), { phase: 'exited' })
    await store.update(idOf('c'), { phase: 'running', startedAt: '2026-01-01T00:01:00Z' })
    expect(whyNoNetwork({ store }, sharer)).toMatchObject({ kind: 'container.ownerStopped' })
    const waiting = await store.update(sharer.id, { phase: 'exited', restartAt: '2026-01-01T00:00:30Z' })
    expect(waitsForOwner({ store }, waiting)).toBe(false)
  })

  it('follows one that was made under that one’s name once that is gone, and none that lends no network', async () => {
    const sharer = await save(idOf('b'), 'partner', { ownerName: 'web' }, `container:${idOf('a')}`)
    const reason = () => whyNoNetwork({ store }, sharer)?.kind
    expect(reason()).toBe('container.ownerGone')
    await save(idOf('c'), 'web', {}, 'host')
    expect([reason(), followingSpec({ store }, sharer).network]).toEqual(['container.ownerGone', sharer.spec.network])
    await store.remove(idOf('c'))
    await save(idOf('d'), 'web', { phase: 'exited' })
    expect(reason()).toBe('container.ownerStopped')
    await store.update(idOf('d'), { phase: 'running' })
    expect([reason(), followingSpec({ store }, sharer).network]).toEqual([undefined, `container:${idOf('d')}`])
  })
})
