import { ContainerSpec } from '@flotilla/protocol'
import type { FakeContainer } from './container.ts'

const roles = ['web', 'api', 'worker', 'cache', 'queue', 'mail', 'search', 'metrics', 'auth', 'files']
const projects = ['shop', 'blog', 'billing', 'intranet', 'maps', 'archive', 'payments', 'weather']

/**
 * Fills the engine with `count` containers: seven in ten run and hold a page of log, the others were never started.
 * They are the same at every start.
 */
export function seed(count: number, make: (spec: ContainerSpec) => FakeContainer): void {
  for (let index = 0; index < count; index += 1) {
    const role = roles[index % roles.length] ?? ''
    const project = projects[Math.floor(index / roles.length) % projects.length] ?? ''
    const name = `${project}-${role}-${index}`
    const container = make(
      ContainerSpec.parse({
        name,
        image: 'busybox:latest',
        command: ['/bin/sh', '-c', 'sleep infinity'],
        labels: { project, role },
        ports: index % 5 === 0 ? [{ containerPort: 8080, hostPort: 20_000 + index }] : [],
        memoryBytes: index % 3 === 0 ? 256 * 1024 * 1024 : undefined,
      }),
    )
    if (index % 10 >= 7) continue
    const lines = Array.from({ length: 40 }, (_, line) => `${name} answered request ${line} in ${(line * 7) % 90} ms\n`)
    container.start()
    container.log.print('stdout', Buffer.from(lines.join('')))
  }
}
