/** The promise's outcome, or the reason of the abort where that comes first. The promise itself goes on. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    // Also where the abort was first: a promise that fails later is nobody's any more.
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
