import type { ContainerSpec } from './container.ts'
import type { NamedObject } from '../../method.ts'

const shared = 'container:'

/** The image, volumes, networks and the other container that a spec names. */
export function namedByCreate(spec: ContainerSpec): NamedObject[] {
  const { image, pull, mounts, networks = [], network } = spec
  const named: NamedObject[] = [
    { kind: 'image', ref: image, permission: 'images.read', makes: pull === 'missing', field: ['image'] },
  ]
  for (const [at, mount] of mounts.entries()) {
    if (mount.type !== 'volume' || mount.source === undefined) continue
    const permission = mount.readOnly ? 'volumes.files.read' : 'volumes.files.write'
    const field = ['mounts', at, 'source']
    named.push({ kind: 'volume', ref: mount.source, byName: true, permission, makes: true, field })
  }
  const connect = { permission: 'networks.connect' }
  for (const [at, { network: ref }] of networks.entries()) {
    named.push({ kind: 'network', ref, ...connect, field: ['networks', at, 'network'] })
  }
  if (network.startsWith(shared)) {
    named.push({ kind: 'container', ref: network.slice(shared.length), ...connect, field: ['network'] })
  }
  return named
}
