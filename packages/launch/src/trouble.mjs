/** Something that the person can do something about: its message is one sentence or two, and all that is shown. */
export class Trouble extends Error {}

/** The person asked to stop before there was anything to stop. */
export class Stopped extends Error {}

/**
 * Runs a command's body; trouble ends it with its sentence, anything else with its stack.
 * @param {() => Promise<void>} body
 */
export async function orSayWhy(body) {
  try {
    await body()
  } catch (error) {
    if (error instanceof Stopped) {
      process.exitCode = 130
      return
    }
    const text = error instanceof Trouble ? error.message : error instanceof Error ? error.stack : String(error)
    process.stderr.write(`\n${text}\n`)
    process.exitCode = 1
  }
}
