import { createInterface } from 'node:readline'
import { createLogger } from '@flotilla/log'
import { startControlPlane } from '../control-plane.ts'
import { readEnv } from '../env.ts'

/**
 * A control plane as a process that ends itself by SIGKILL at a named point: the nth time that it comes to `name#n`, which
 * is its first word or comes in as a line. It says `ready` and its port when it listens.
 */
let failAt = process.argv[2] ?? ''
let left = 0
arm(failAt)

function arm(point: string): void {
  const [name = '', count = '1'] = point.split('#')
  failAt = name
  left = Number(count)
}

const { port } = await startControlPlane({
  env: readEnv(),
  log: createLogger('control-plane', 'silent'),
  failurePoint: (name) => {
    if (name !== failAt) return
    left -= 1
    if (left === 0) process.kill(process.pid, 'SIGKILL')
  },
})
process.stdout.write(`ready ${port}\n`)
createInterface({ input: process.stdin }).on('line', (line) => {
  arm(line)
  process.stdout.write('armed\n')
})
