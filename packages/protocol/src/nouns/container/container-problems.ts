import type { Container } from './container.ts'
import type { RowProblem } from '../../noun.ts'

const recentMs = 24 * 60 * 60_000
/** 128 + SIGINT, SIGKILL or SIGTERM: somebody stopped it. */
const stopped: ReadonlySet<number> = new Set([130, 137, 143])

/** What is wrong with a container by what its row says; at most one problem, the worst. */
export function containerProblems(row: Container): RowProblem[] {
  const since = row.finishedAt
  if (row.state === 'restarting') {
    const cause = row.stateReason ?? `It has been restarted ${row.restartCount} times.`
    return [{ kind: 'restart-loop', severity: 'critical', title: `${row.name} restarts again and again`, cause, since }]
  }
  if (row.state === 'unknown') {
    const cause = row.stateReason ?? 'Its host could not tell.'
    return [
      { kind: 'unknown-state', severity: 'warning', title: `The state of ${row.name} is not known`, cause, since },
    ]
  }
  const isRecent = row.finishedAt !== null && Date.now() - Date.parse(row.finishedAt) < recentMs
  if (row.state !== 'exited' || !isRecent) return []
  if (row.oomKilled) {
    const cause = row.stateReason ?? 'The kernel ended it at its memory limit.'
    return [{ kind: 'oom-kill', severity: 'critical', title: `${row.name} ran out of memory`, cause, since }]
  }
  if (row.exitCode === null || row.exitCode === 0 || stopped.has(row.exitCode)) return []
  const cause = row.stateReason ?? 'Its logs may say why.'
  return [
    { kind: 'failed', severity: 'warning', title: `${row.name} ended with exit code ${row.exitCode}`, cause, since },
  ]
}
