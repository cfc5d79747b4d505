import { ContainerSpec } from '@flotilla/protocol'
import type { FakeContainer } from './container.ts'
import type { FakeNetworks } from './networks.ts'
import type { FakeVolumes } from './volumes.ts'

const roles = ['web', 'api', 'worker', 'cache', 'queue', 'mail', 'search', 'metrics', 'auth', 'files']
const projects = ['shop', 'blog', 'billing', 'intranet', 'maps', 'archive', 'payments', 'weather']

function called(index: number) {
  const role = roles[index % roles.length] ?? ''
  const project = projects[Math.floor(index / roles.length) % projects.length] ?? ''
  return { role, project, name: `${project}-${role}-${index}` }
}

/** So many volumes, named after the containers of the same number. */
export function seedVolumes(count: number, volumes: FakeVolumes): void {
  for (let index = 0; index < count; index += 1) {
    const { name, project, role } = called(index)
    volumes.create({ name: `${name}-data`, labels: { project, role } }, '')
  }
}

/** So many networks, each of a block of its own. */
export function seedNetworks(count: number, networks: FakeNetworks): void {
  for (let index = 0; index < count; index += 1) {
    const { name, project, role } = called(index)
    const block = `10.${Math.floor(index / 256)}.${index % 256}`
    const subnets = [{ subnet: `${block}.0/24`, gateway: `${block}.1`, range: null }]
    const createdAt = new Date().toISOString()
    networks.add({ ...{ name, subnets, createdAt }, labels: { project, role }, dns: true, isDefault: false })
  }
}

/**
 * Fills the engine with `count` containers: seven in ten run and hold a page of log, the others were never started.
 * They are the same at every start.
 */
export function seed(
  { containers: count, volumes }: { containers: number; volumes: number },
  make: (spec: ContainerSpec) => FakeContainer,
): void {
  for (let index = 0; index < count; index += 1) {
    const { role, project, name } = called(index)
    const container = make(
      ContainerSpec.parse({
        name,
        image: 'busybox:latest',
        command: ['/bin/sh', '-c', 'sleep infinity'],
        labels: { project, role },
        mounts: index < volumes && index % 3 === 0 ? [{ type: 'volume', source: `${name}-data`, target: '/data' }] : [],
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
