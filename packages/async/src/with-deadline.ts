/**
 * A signal that aborts with the given one, or after so many milliseconds with a TimeoutError. `AbortSignal.any` alone forgets a
 * timeout that nobody else holds: in Node 20 it goes with the next collection of garbage, and its timer with it.
 */
export function withDeadline(signal: AbortSignal, ms: number): AbortSignal {
  const late = AbortSignal.timeout(ms)
  // One that somebody listens to stays until its time; it is let go sooner where the signal was first.
  const letGo = () => late.removeEventListener('abort', passed)
  const passed = () => signal.removeEventListener('abort', letGo)
  late.addEventListener('abort', passed, { once: true })
  signal.addEventListener('abort', letGo, { once: true })
  return AbortSignal.any([signal, late])
}
