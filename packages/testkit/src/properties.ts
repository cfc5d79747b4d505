import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { type RunnerTask, test } from 'vitest'

/** Seconds for the properties of one file together; left out, each is tried a few times with the same inputs. */
const seconds = Number(process.env['FLOTILLA_FUZZ_SECONDS'] ?? 0)
/** What a failure printed, to try its input once more: the seed, and the path to the input from there. */
const seed = Number(process.env['FLOTILLA_FUZZ_SEED'] ?? (seconds > 0 ? Date.now() % 2 ** 31 : 20_261_130))
const path = process.env['FLOTILLA_FUZZ_PATH']

const shortRuns = 25
/** The event loop is given its turn after so long, in milliseconds: whoever waits for this process must not think it dead. */
const turnMs = 100

type Arbitraries<Inputs extends unknown[]> = { [At in keyof Inputs]: fc.Arbitrary<Inputs[At]> }

/**
 * A test that what is said in `holds` is so of all inputs that may come; it throws where it is not. In the unit suite some two
 * dozen inputs are tried, always the same; in `npm run test:long -- fuzz` as many new ones as there is time for. A failure names the
 * smallest input that was found, with its seed and path. `runs`: in the unit suite, where an input takes long.
 */
export function property<Inputs extends [unknown, ...unknown[]]>(
  name: string,
  inputs: Arbitraries<Inputs>,
  holds: (...input: Inputs) => void | Promise<void>,
  { runs = shortRuns }: { runs?: number } = {},
): void {
  test(name, { timeout: (seconds + 120) * 1000 }, async ({ task }) => {
    let tried = 0
    let turned = performance.now()
    const checked = fc.asyncProperty(...inputs, async (...input: Inputs) => {
      tried += 1
      await holds(...input)
      if (performance.now() - turned < turnMs) return
      await turn()
      turned = performance.now()
    })
    const share = (seconds * 1000) / Math.max(1, countOf(task.file.tasks))
    await fc.assert(checked, {
      seed,
      ...(path === undefined ? {} : { path }),
      ...(seconds > 0 ? { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: share } : { numRuns: runs }),
    })
    if (seconds > 0) process.stdout.write(`${name}: ${tried} inputs from seed ${seed}\n`)
  })
}

function countOf(tasks: readonly RunnerTask[]): number {
  return tasks.reduce(
    (sum, task) => sum + (task.type === 'suite' ? countOf(task.tasks) : task.mode === 'run' ? 1 : 0),
    0,
  )
}

/** Bytes, and where a transport may cut them: each place is a share of their length. */
export const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 })

/** The bytes in pieces that end at these places. */
export function cutAt(bytes: Buffer, shares: readonly number[]): Buffer[] {
  const ends = [...shares.map((share) => Math.floor(share * bytes.length)), bytes.length].sort((a, b) => a - b)
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end)).filter((piece) => piece.length > 0)
}

/** Text made of these words, which are where a parser decides something, and of any others now and then. */
export function textOf(words: readonly string[], maxLength = 12): fc.Arbitrary<string> {
  const word = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...words) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
  )
  return fc.array(word, { maxLength }).map((parts) => parts.join(''))
}
