import type { Container } from './container.ts'
import type { RowProblem } from '../../noun.ts'

const recentMs = 24 * 60 * 60_000
/** 128 + SIGINT, SIGKILL or SIGTERM: somebody stopped it. */
const stopped: ReadonlySet<number> = new Set([130, 137, 143])

/** What is wrong with a container by what its row says; at most one problem, the worst. */
export function containerProblems(row: Container): RowProblem[] {
  const since = row.finishedAt
  if (row.state === 'restarting') {
    const why = causeOf(row, `It has been restarted ${row.restartCount} times.`)
    return [
      { kind: 'restart-loop', severity: 'critical', title: `${row.name} restarts again and again`, ...why, since },
    ]
  }
  if (row.state === 'unknown') {
    const why = causeOf(row, 'Its host could not tell.')
    return [
      { kind: 'unknown-state', severity: 'warning', title: `The state of ${row.name} is not known`, ...why, since },
    ]
  }
  if (row.state === 'running' && row.stateReason !== undefined) {
    const why = causeOf(row, row.stateReason)
    return [
      { kind: 'impaired', severity: 'warning', title: `${row.name} runs, but not all of it works`, ...why, since },
    ]
  }
  const isRecent = row.finishedAt !== null && Date.now() - Date.parse(row.finishedAt) < recentMs
  if (row.state !== 'exited' || !isRecent) return []
  if (row.oomKilled) {
    const why = causeOf(row, 'The kernel ended it at its memory limit.')
    return [{ kind: 'oom-kill', severity: 'critical', title: `${row.name} ran out of memory`, ...why, since }]
  }
  if (row.exitCode === null || row.exitCode === 0 || stopped.has(row.exitCode)) return []
  const why = causeOf(row, 'Its logs may say why.')
  return [
    { kind: 'failed', severity: 'warning', title: `${row.name} ended with exit code ${row.exitCode}`, ...why, since },
  ]
}

/** Its reason; where it tells none, the sentence that is given. */
function causeOf(row: Container, otherwise: string): Pick<RowProblem, 'cause' | 'causeFacts'> {
  const { stateReason: cause, stateReasonFacts: causeFacts } = row
  if (cause === undefined) return { cause: otherwise }
  return causeFacts === undefined ? { cause } : { cause, causeFacts }
}
