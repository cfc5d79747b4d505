import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { codeOf, ends, eventually, scope, sleeper } from './kit.ts'
import type { Topic } from './topic.ts'

/** From create to remove. */
export const life: Topic = (test, own) => {
  test('takes a container through its life, each step twice', ['containers.stop'], async (kit) => {
    // With all that a start makes; the tests below look at nothing of a network, and have none.
    const { containers } = kit.online().engine
    const made = await kit.create(sleeper, { labels: { suite: 'contract' } })
    const { id } = made
    expect(made).toMatchObject({ state: 'created', exitCode: null, labels: { suite: 'contract' } })
    for (const _ of [1, 2]) expect((await containers.start({ id }, scope)).container.state).toBe('running')
    for (const _ of [1, 2]) {
      expect((await containers.stop({ id, timeoutSeconds: 0 }, scope)).container.state).toBe('exited')
    }
    expect(await kit.inspect(id)).toMatchObject({ state: 'exited', exitCode: 137 })
    for (const _ of [1, 2]) await containers.remove({ id }, scope)
    expect(await codeOf(kit.inspect(id))).toBe('NOT_FOUND')
  })

  own('knows names, ids and prefixes, and refuses a name twice', ['containers.create'], async (kit) => {
    const { id } = await kit.create(sleeper, { name: `contract-${randomBytes(4).toString('hex')}` })
    const container = await kit.inspect(id.slice(0, 12))
    expect((await kit.inspect(container.name)).id).toBe(id)
    const twin = codeOf(kit.engine.containers.create(kit.spec(sleeper, { name: container.name }), scope))
    expect(['ALREADY_EXISTS', 'CONFLICT']).toContain(await twin)
    for (const verb of ['start', 'stop', 'inspect'] as const) {
      expect(await codeOf(kit.engine.containers[verb]({ id: 'nobody-has-this' }, scope))).toBe('NOT_FOUND')
    }
  })

  test('gives one operation id one outcome, asked at once and later', ['containers.create'], async (kit) => {
    const once = { ...scope, operationId: `contract-${randomBytes(6).toString('hex')}` }
    const spec = kit.spec(sleeper)
    const create = async () => kit.keep((await kit.engine.containers.create(spec, once)).container).id
    const ids = new Set(await Promise.all([create(), create(), create()]))
    const [id = ''] = ids
    await kit.engine.containers.start({ id }, scope)
    ids.add(await create())
    expect([...ids]).toEqual([id])
    const other = { ...scope, operationId: `contract-${randomBytes(6).toString('hex')}` }
    const bad = () => codeOf(kit.engine.containers.create(kit.spec(sleeper, { image: 'not/there:1' }), other))
    expect([await bad(), await bad()]).toEqual(['NOT_FOUND', 'NOT_FOUND'])
  })

  test('lists what runs, or all', ['containers.list'], async (kit) => {
    const ids = {
      running: (await kit.start(sleeper)).id,
      created: (await kit.create(sleeper)).id,
      exited: (await kit.run('exit 0')).id,
    }
    const own = async (all?: boolean) => {
      const rows = await kit.engine.containers.list(all === undefined ? {} : { all }, scope)
      return Object.entries(ids).flatMap(([state, id]) => (rows.some((row) => row.id === id) ? [state] : []))
    }
    expect(await own()).toEqual(['running', 'created', 'exited'])
    expect(await own(false)).toEqual(['running'])
    const rows = await kit.engine.containers.list({ all: true }, scope)
    for (const [state, id] of Object.entries(ids)) expect(rows.find((row) => row.id === id)?.state).toBe(state)
  })

  own('keeps a running container from removal without force', ['containers.remove'], async (kit) => {
    const { id } = await kit.start(sleeper)
    expect(await codeOf(kit.engine.containers.remove({ id }, scope))).toBe('CONFLICT')
    await kit.engine.containers.remove({ id, force: true }, scope)
    expect(await codeOf(kit.inspect(id))).toBe('NOT_FOUND')
  })

  test('ends with its exit code, for all who wait', ['containers.wait'], async (kit) => {
    const { id } = await kit.start('sleep 0.3; exit 7')
    const answers = await Promise.all([1, 2].map(() => kit.engine.containers.wait({ id }, scope)))
    expect(answers.map(({ exitCode }) => exitCode)).toEqual([7, 7])
    expect((await kit.engine.containers.wait({ id }, scope)).exitCode).toBe(7)
    const container = await kit.inspect(id)
    expect(container).toMatchObject({ state: 'exited', exitCode: 7, oomKilled: false })
    expect(Date.parse(container.finishedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(container.startedAt ?? ''))
    const waiting = await kit.start(sleeper)
    const leave = new AbortController()
    const answer = codeOf(kit.engine.containers.wait({ id: waiting.id }, { ...scope, signal: leave.signal }))
    leave.abort()
    expect(await answer).toBe('CANCELLED')
  })

  own('stops by the signal that it takes, and kills what does not', ['containers.stop'], async (kit) => {
    const polite = await kit.start("trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done")
    const other = await kit.start("trap 'exit 6' USR1; echo ready; while :; do sleep 0.05; done", {
      stopSignal: 'USR1',
    })
    const deaf = await kit.start("trap '' TERM; echo ready; while :; do sleep 0.05; done")
    for (const { id } of [polite, other, deaf]) await kit.said(id, 'ready')
    const stop = async (id: string) => (await kit.engine.containers.stop({ id }, scope)).container.exitCode
    expect(await Promise.all([polite, other, deaf].map(({ id }) => stop(id)))).toEqual([5, 6, 137])
  })

  own('kills with any signal', ['containers.kill'], async (kit) => {
    const { id } = await kit.start(
      "trap 'echo one' USR1; trap 'echo two' USR2; echo ready; while :; do sleep 0.05; done",
    )
    await kit.said(id, 'ready')
    const kill = (signal: string) => kit.engine.containers.kill({ id, signal }, scope)
    expect((await kill('USR1')).container.state).toBe('running')
    await kit.said(id, 'one')
    await kill('SIGUSR2')
    await kit.said(id, 'two')
    expect(await codeOf(kill('NOSUCH'))).toBe('INVALID_ARGUMENT')
    expect((await kill('9')).container).toMatchObject({ state: 'exited', exitCode: 137 })
    expect(await codeOf(kill('TERM'))).toBe('CONFLICT')
  })

  test('starts again with nothing of the run before', ['containers.restart'], async (kit) => {
    const { id, startedAt } = await kit.start(`echo $(( 1 + 1 )); ${sleeper}`)
    await kit.said(id, '2')
    const { container } = await kit.engine.containers.restart({ id, timeoutSeconds: 0 }, scope)
    expect(container).toMatchObject({ id, state: 'running', exitCode: null })
    expect(Date.parse(container.startedAt ?? '')).toBeGreaterThan(Date.parse(startedAt ?? ''))
    await eventually(async () => expect(await kit.printed(id)).toEqual(['2', '2']))
  })

  own('pauses and goes on', ['containers.pause', 'containers.unpause'], async (kit) => {
    const { id } = await kit.start(sleeper)
    expect((await kit.engine.containers.pause({ id }, scope)).container.state).toBe('paused')
    expect((await kit.engine.containers.list({ all: false }, scope)).map((row) => row.id)).toContain(id)
    expect(await codeOf(kit.engine.exec.create({ id, command: ['true'] }, scope))).toBe('CONFLICT')
    expect((await kit.engine.containers.unpause({ id }, scope)).container.state).toBe('running')
    await kit.engine.containers.pause({ id }, scope)
    expect((await kit.engine.containers.stop({ id, timeoutSeconds: 0 }, scope)).container.state).toBe('exited')
    expect(await codeOf(kit.engine.containers.pause({ id }, scope))).toBe('CONFLICT')
  })

  test('gives stats until cancelled', ['containers.stats'], async (kit) => {
    const { id } = await kit.start(sleeper)
    const samples = []
    for await (const sample of kit.engine.containers.stats({ id, intervalMs: 250 }, scope)) {
      samples.push(sample)
      if (samples.length === 2) break
    }
    expect(samples.map(({ cpuCores }) => cpuCores === null)).toEqual([true, false])
    expect(samples[1]?.cpuUsageNs).toBeGreaterThanOrEqual(samples[0]?.cpuUsageNs ?? 0)
    expect(samples[0]?.memoryBytes).toBeGreaterThan(0)
    await ends((signal) => kit.engine.containers.stats({ id, intervalMs: 60_000 }, { ...scope, signal }))
  })

  test('shows the kernel’s view', ['containers.kernel'], async (kit) => {
    const { id } = await kit.start(sleeper, { pidsLimit: 30 })
    const view = await kit.engine.containers.kernel({ id }, scope)
    expect(view.pid).toBeGreaterThan(1)
    expect(view.namespaces.find(({ type }) => type === 'pid')?.owner).toBe('own')
    expect(view.cgroup.stats.pidsLimit).toBe(30)
    expect(view.processes.map(({ containerPid }) => containerPid)).toContain(1)
  })
}
