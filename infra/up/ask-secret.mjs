import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

/**
 * Asks at the terminal for something that is not shown while it is typed.
 * @param {string} question
 */
export async function askSecret(question) {
  process.stderr.write(question)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  lines.once('SIGINT', () => process.exit(130))
  const answer = await lines.question('')
  lines.close()
  process.stderr.write('\n')
  return answer
}
