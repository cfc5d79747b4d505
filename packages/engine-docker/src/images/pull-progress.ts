import type { Progress } from '@flotilla/protocol'
import type { PullAnswer } from '../docker-answers.ts'

/** Between two reports of the same step of the same layer. */
const intervalMs = 400

type Step = Pick<Progress, 'step' | 'state'>

/** What Docker says of a layer, in the words of ours. Others of its lines are about the whole image. */
const words: Record<string, Step> = {
  'Pulling fs layer': { step: 'download', state: 'waiting' },
  Waiting: { step: 'download', state: 'waiting' },
  Downloading: { step: 'download', state: 'running' },
  'Verifying Checksum': { step: 'download', state: 'running' },
  'Download complete': { step: 'download', state: 'done' },
  'Already exists': { step: 'download', state: 'skipped' },
  Extracting: { step: 'unpack', state: 'running' },
  'Pull complete': { step: 'unpack', state: 'done' },
}

/** Reads a pull's progress: gives what is worth telling, each step of each layer a few times a second at most. */
export class PullProgress {
  readonly #reported = new Map<string, { at: number; state: Progress['state']; current: number; total: number }>()
  readonly #layers = new Set<string>()

  /** What a line of the daemon's says. It leaves lines out where they come fast: an unpacking says that the download is done. */
  read(line: PullAnswer, now: number): Progress[] {
    const step = words[line.status ?? '']
    if (line.id === undefined || step === undefined) return []
    this.#layers.add(line.id)
    const before = step.step === 'unpack' ? this.#done('download', line.id, now) : []
    return [...before, ...this.#tell(step, line, now)]
  }

  /** The pull has succeeded, and with it all that was begun. */
  end(now: number): Progress[] {
    return [...this.#layers].flatMap((id) => {
      const isNew = this.#reported.get(`download ${id}`)?.state !== 'skipped'
      return [...this.#done('download', id, now), ...(isNew ? this.#done('unpack', id, now) : [])]
    })
  }

  #done(step: Step['step'], id: string, now: number): Progress[] {
    const state = this.#reported.get(`${step} ${id}`)?.state
    return state === 'done' || state === 'skipped' ? [] : this.#tell({ step, state: 'done' }, { id }, now)
  }

  #tell(step: Step, line: PullAnswer, now: number): Progress[] {
    const key = `${step.step} ${line.id}`
    const before = this.#reported.get(key)
    const total = line.progressDetail?.total ?? before?.total ?? 0
    const current = line.progressDetail?.current ?? (step.state === 'done' ? total : (before?.current ?? 0))
    if (before?.state === step.state && now - before.at < intervalMs) {
      Object.assign(before, { current, total })
      return []
    }
    this.#reported.set(key, { at: now, state: step.state, current, total })
    const bytes = total > 0 ? { currentBytes: current, totalBytes: total } : {}
    return [{ ...step, item: line.id, ...bytes }]
  }
}
