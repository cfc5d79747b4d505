/**
 * Called with a name between any two steps that leave something behind. Tests make one of them kill the process, to prove
 * that the next agent completes or takes back what was half made.
 */
export type FailurePoint = (name: string) => void

/** Kills this process with SIGKILL when the named point is reached for the nth time; with no name it does nothing. */
export function createFailurePoint(failAt: string | undefined): FailurePoint {
  if (failAt === undefined || failAt === '') return () => {}
  const [name, count] = failAt.split('#')
  let left = Number(count ?? 1)
  return (reached) => {
    if (reached !== name) return
    left -= 1
    if (left === 0) process.kill(process.pid, 'SIGKILL')
  }
}
