import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { minimalEnv, spawn } from '@flotilla/host'
import { briefFlags } from '@flotilla/launch/memory'
import { until } from './open-control-plane.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const startMs = 30_000
/** The name that it answers to: its port is a free one, which nobody knows before it listens. */
export const planeHost = 'plane.test'

interface PlaneStart {
  /** The bundle that is run. */
  program: string
  folder: string
  /** Of its database. */
  url: string
  /** Of its agent. */
  socket: string
  migrations: string
  /** Where it ends itself; empty: nowhere. */
  failAt: string
  /** How long it may take until it is ready, or has ended at its point. */
  timeoutMs?: number
}

/** Starts a control plane as a process at a free port. One that is not ready in time is ended before this throws. */
export async function startPlane({ timeoutMs = startMs, ...at }: PlaneStart) {
  const node = [process.execPath, ...briefFlags, at.program, at.failAt]
  const child = spawn(['setpriv', '--pdeathsig', 'KILL', ...node], {
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: root,
    env: {
      ...minimalEnv(),
      FLOTILLA_DATA_DIR: at.folder,
      FLOTILLA_RUN_DIR: `${at.folder}/run`,
      FLOTILLA_PORT: '0',
      FLOTILLA_PUBLIC_URL: `http://${planeHost}`,
      FLOTILLA_AGENT_SOCKET: at.socket,
      FLOTILLA_MIGRATIONS_DIR: at.migrations,
      DATABASE_URL: at.url,
    },
  })
  let said = ''
  let words = ''
  let port = 0
  child.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString()
    port = Number(/ready (\d+)\n/.exec(said)?.[1] ?? port)
  })
  child.stderr?.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(-4000)))
  const killed = once(child, 'exit').then(([, signal]: (number | string | null)[]) => signal)
  let isOver = false
  void killed.then(() => (isOver = true))
  try {
    await until(() => isOver || port !== 0, timeoutMs, 'the start of a control plane')
  } catch (error) {
    child.kill('SIGKILL')
    await killed
    throw new Error(`The control plane did not start in time: ${words}`, { cause: error })
  }
  if (isOver && at.failAt === '') throw new Error(`The control plane did not start: ${words}`)
  return {
    killed,
    port: () => port,
    isAlive: () => !isOver,
    kill: () => child.kill('SIGKILL'),
    async arm(point: string) {
      said = ''
      child.stdin?.write(`${point}\n`)
      await until(() => said.includes('armed'), 5000, 'the arming of a control plane')
    },
  }
}
