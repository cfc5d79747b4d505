/** A promise and what resolves it: `Promise.withResolvers` of ES2024, which Node 20 lacks. */
export function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T | PromiseLike<T>) => void } {
  let resolve: (value: T | PromiseLike<T>) => void = () => {}
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
