import { once } from 'node:events'
import type { Socket } from 'node:net'
import { spawn } from '@flotilla/host'

const startMs = 10_000

/** Starts a program that outlives the agent, until it has said that it is ready. Throws with what it said instead. */
export async function startLasting(argv: readonly string[]): Promise<void> {
  const child = spawn(argv, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    if (errors.length < 4096) errors += chunk.toString()
  })
  const signal = AbortSignal.timeout(startMs)
  try {
    const ended = once(child, 'exit', { signal }).then(() => Promise.reject(new Error('it ended at once')))
    ended.catch(() => {}) // it is of interest until it has said that it is ready
    if (child.stdout !== null) await Promise.race([once(child.stdout, 'data', { signal }), ended])
  } catch (error) {
    child.kill('SIGKILL')
    throw new Error(`the program could not be started: ${errors}`, { cause: error })
  } finally {
    child.stdout?.destroy()
    child.stderr?.destroy()
    child.unref()
  }
}

/** One line of a program on a socket; an end without one is ECONNRESET, none in time ETIMEDOUT. */
export function readLine(socket: Socket, answerMs = 10_000): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const failed = (message: string, code: string) => reject(Object.assign(new Error(message), { code }))
    socket.setTimeout(answerMs, () => failed('the program did not answer in time', 'ETIMEDOUT'))
    socket.on('error', reject)
    socket.on('close', () => failed('the program ended', 'ECONNRESET'))
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.endsWith('\n')) resolve(text.trimEnd())
    })
  })
}

/** Whether nobody listens on a socket, or who did was just ending. */
export function isAbsent(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'EPIPE'
}
