import { setTimeout as sleep } from 'node:timers/promises'
import { run } from '@flotilla/host'

/** One of those who are measured: the work in milliseconds or whatever it counts, and what is done again after it. */
export interface Contender {
  name: string
  measure(turn: number): Promise<number>
  after?(turn: number): Promise<void>
}

export interface TurnOptions {
  runs: number
  /** Between two measurements, so that what one leaves running does not meet the next. */
  pauseMs?: number
  /** Writes what is dirty to the disk before each measurement. */
  sync?: boolean
}

/** Everybody once to get warm, which does not count, then in turn: A B A B. Gives the measurements by name. */
export async function inTurn(
  contenders: readonly Contender[],
  { runs, pauseMs = 0, sync = false }: TurnOptions,
): Promise<Map<string, number[]>> {
  const values = new Map<string, number[]>(contenders.map(({ name }) => [name, []]))
  for (let turn = 0; turn <= runs; turn += 1) {
    for (const { name, measure, after } of contenders) {
      if (sync) await run(['sync'], { timeoutMs: 120_000 })
      await sleep(pauseMs)
      const value = await measure(turn)
      if (turn > 0) values.get(name)?.push(value)
      await after?.(turn)
    }
  }
  return values
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}
