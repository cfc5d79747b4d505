import { type Stats, type UsageSample, fail } from '@flotilla/protocol'
import { z } from 'zod'
import { atOnce } from '../at-once.ts'
import type { Containers } from '../containers/containers.ts'
import { pause } from '@flotilla/async'
import type { Daemon } from '../daemon.ts'
import { ContainerListAnswer, StatsAnswer } from '../docker-answers.ts'
import { dockerError } from '../docker-error.ts'
import { coresBetween, isRunning, memoryUsed, type Reading, toStats } from './stats-map.ts'

/** Docker's stream of stats samples all the time it is open and comes once a second: here each sample is asked for. */
export class StatsReader {
  readonly #daemon: Daemon
  readonly #containers: Containers
  /** The readings before, for the rates in lists. */
  #before = new Map<string, Reading>()

  constructor(daemon: Daemon, containers: Containers) {
    this.#daemon = daemon
    this.#containers = containers
  }

  /** A sample at once, then one each interval, until the container ends or the signal aborts. */
  async *watch(ref: string, intervalMs: number, signal: AbortSignal): AsyncGenerator<Stats> {
    const container = await this.#containers.answer(ref, signal)
    if (container.State.Status !== 'running' && container.State.Status !== 'paused') {
      throw fail('container.notRunning', { name: container.Name.slice(1) })
    }
    const left = new AbortController()
    const ended = this.#untilEnd(container.Id, AbortSignal.any([signal, left.signal]))
    try {
      let before: Reading | undefined
      while (!signal.aborted) {
        const answer = await this.#ask(container.Id, signal)
        if (answer === undefined || !isRunning(answer)) return
        yield toStats(answer, container.HostConfig, before)
        before = answer
        const resting = new AbortController()
        const next = pause(intervalMs, AbortSignal.any([signal, resting.signal]))
        await Promise.race([next, ended])
        resting.abort()
      }
    } catch (error) {
      if (!signal.aborted) throw dockerError(error)
    } finally {
      left.abort()
    }
  }

  /** One cheap reading of every running container. */
  async usage(signal: AbortSignal): Promise<UsageSample[]> {
    const rows = await this.#daemon.request(ContainerListAnswer, { path: '/containers/json', signal })
    const readings = await atOnce(rows, async ({ Id }) => ({ id: Id, answer: await this.#ask(Id, signal) }))
    const before = this.#before
    this.#before = new Map()
    return readings.flatMap(({ id, answer }) => {
      if (answer === undefined || !isRunning(answer)) return []
      this.#before.set(id, { read: answer.read, cpu_stats: answer.cpu_stats })
      return [
        {
          ...{ engine: this.#daemon.id, id, at: new Date(answer.read).toISOString() },
          cpuCores: coresBetween(before.get(id), answer),
          memoryBytes: memoryUsed(answer),
          pids: answer.pids_stats?.current ?? null,
        },
      ]
    })
  }

  /** Undefined where the container is gone. */
  async #ask(id: string, signal: AbortSignal): Promise<StatsAnswer | undefined> {
    try {
      const query = { stream: '0', 'one-shot': '1' }
      return await this.#daemon.request(StatsAnswer, { path: `/containers/${id}/stats`, query, signal })
    } catch (error) {
      if (dockerError(error).code === 'NOT_FOUND') return undefined
      throw error
    }
  }

  /** Never throws: where the daemon does not tell, the next sample does. */
  async #untilEnd(id: string, signal: AbortSignal): Promise<void> {
    const request = { method: 'POST' as const, path: `/containers/${id}/wait`, query: { condition: 'not-running' } }
    try {
      await this.#daemon.request(z.unknown(), { ...request, signal })
    } catch {
      await pause(2 ** 31 - 1, signal)
    }
  }
}
