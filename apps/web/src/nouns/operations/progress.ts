import type { Operation, Progress } from '@flotilla/protocol'

/** How much of an operation's bytes has been moved; null where it says nothing of bytes. */
export interface BytesDone {
  current: number
  total: number
  /** A part has not said yet how large it is, so the total will grow. */
  open: boolean
}

/** Bytes of the step that is under way: those of all its items together. */
export function bytesOf(progress: readonly Progress[]): BytesDone | null {
  const step = progress.findLast((each) => each.state === 'running' && each.totalBytes !== undefined)?.step
  if (step === undefined) return null
  const items = progress.filter((each) => each.step === step && each.state !== 'skipped')
  let current = 0
  let total = 0
  let open = false
  for (const item of items) {
    if (item.totalBytes === undefined) {
      open ||= item.state !== 'done'
      continue
    }
    total += item.totalBytes
    current += item.state === 'done' ? item.totalBytes : Math.min(item.totalBytes, item.currentBytes ?? 0)
  }
  return { current, total, open }
}

/** The step that is under way, first one that moves bytes; or the last that was. */
export function currentStep(operation: Pick<Operation, 'progress'>): Progress | null {
  const running = operation.progress.filter((each) => each.state === 'running')
  return (
    running.findLast((each) => each.totalBytes !== undefined) ?? running.at(-1) ?? operation.progress.at(-1) ?? null
  )
}

const sampleMs = 1000
const windowMs = 10_000

/** Bytes a second over the last ten seconds. One for each operation that is shown. */
export class Rate {
  private samples: { at: number; bytes: number }[] = []

  /** Takes what has been moved by now; answers bytes a second, or null while that cannot be told. */
  add(at: number, bytes: number): number | null {
    const last = this.samples.at(-1)
    if (last !== undefined && bytes < last.bytes) this.samples = [] // another step has begun
    if (last === undefined || at - last.at >= sampleMs || this.samples.length === 0) this.samples.push({ at, bytes })
    while (this.samples.length > 2 && at - (this.samples[0]?.at ?? at) > windowMs) this.samples.shift()
    const [first] = this.samples
    if (first === undefined || at - first.at < sampleMs) return null
    return (bytes - first.bytes) / ((at - first.at) / 1000)
  }
}
