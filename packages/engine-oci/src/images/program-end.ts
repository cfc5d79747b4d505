import { isDiskFull, type spawn } from '@flotilla/host'
import { fail } from '@flotilla/protocol'

/** A program that ended badly, with its last words. */
export class ProgramFailure extends Error {
  constructor(program: string, code: number | null, words: string) {
    super(`${program} ended with ${code ?? 'a signal'}: ${words.slice(0, 2000)}`)
  }
}

/** A program's end with its last words; one that runs out of disk is ended at once, since it would try each further file. */
export function programEnd(
  child: ReturnType<typeof spawn>,
  name: string,
): { done: Promise<void>; words: () => string } {
  let words = ''
  const done = new Promise<void>((resolve, reject) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      if (words.length < 8000) words += chunk.toString()
      if (isDiskFull(words)) child.kill('SIGKILL')
    })
    child.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ENOENT' ? fail('image.needsProgram', { program: name }) : error)
    })
    child.once('close', (code) => {
      if (code === 0) resolve()
      else reject(new ProgramFailure(name, code, words))
    })
  })
  done.catch(() => {}) // awaited by the caller, who may be late
  return { done, words: () => words }
}
