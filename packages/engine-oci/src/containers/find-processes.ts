import { readdir, readFile } from 'node:fs/promises'

/** Runtimes alone, as they work: what they start has a name of its own. */
export const runtimeProgram = /(^|\/)(runc|crun)$/
const workingProgram = /(^|\/)(conmon|runc|crun)$/

/** Pids of conmon and runtime processes that work on a container: those with its id as an argument. Our own is left out. */
export async function findProcesses(containerId: string, program = workingProgram): Promise<number[]> {
  const found: number[] = []
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue
    let words: string[]
    try {
      words = (await readFile(`/proc/${name}/cmdline`, 'utf8')).split('\0')
    } catch {
      continue // it has ended
    }
    if (program.test(words[0] ?? '') && words.includes(containerId)) found.push(Number(name))
  }
  return found
}
