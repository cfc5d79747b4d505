/**
 * Runs the steps that take something away, in their order. One that fails keeps none of the others from being tried.
 * Throws the first failure at the end.
 */
export async function takeAway(steps: readonly (() => Promise<unknown> | undefined)[]): Promise<void> {
  const failures: unknown[] = []
  for (const step of steps) {
    try {
      await step()
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
}
