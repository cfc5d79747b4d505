import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { minimalEnv, spawn } from '@flotilla/host'
import { asRoot } from '@flotilla/launch/account'

/** What the control plane and its agent hold while nobody asks them anything. */
export interface Figures {
  /** Of each table of the database. */
  rows: Record<string, number>
  plane: { rssMiB: number; heapMiB: number; open: number }
  agent: { rssMiB: number; open: number }
  /** In the folder of the instance and in that of temporary files. */
  files: number
}

export interface Fuzzed {
  url: string
  hostId: string
  people: { role: string; key: string; userId: string; email: string; password: string }[]
}

/** Starts the control plane that is tried, as a process of its own. */
export async function startFuzzed() {
  const program = fileURLToPath(new URL('./fuzzed-plane.ts', import.meta.url))
  const child = spawn(asRoot([process.execPath, '--expose-gc', '--import', 'tsx', program]), {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...minimalEnv(), TMPDIR: process.env['TMPDIR'] ?? '/tmp' },
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
  })
  if (child.stdout === null) throw new Error('no standard output')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => JSON.parse(String((await lines.next()).value)) as unknown
  const fuzzed = (await next()) as Fuzzed
  return {
    ...fuzzed,
    async figures(): Promise<Figures> {
      child.stdin?.write('figures\n')
      return (await next()) as Figures
    },
    async close() {
      child.stdin?.write('end\n')
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}
