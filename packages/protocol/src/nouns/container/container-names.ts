import type { ContainerSpec } from './container.ts'
import type { NamedObject } from '../../method.ts'
import { imageKind, imageRead } from '../image/image-kind.ts'
import { networkConnect, networkKind } from '../network/network-kind.ts'
import { volumeFilesRead, volumeFilesWrite, volumeKind } from '../volume/volume-kind.ts'

const shared = 'container:'

/** The container whose network one with this mode shares; none where it has its own. */
export function sharedContainer(network: string): string[] {
  return network.startsWith(shared) ? [network.slice(shared.length)] : []
}

/** The image, volumes, networks and the other container that a spec names. */
export function namedByCreate(spec: ContainerSpec): NamedObject[] {
  const { image, pull, mounts, networks = [], network } = spec
  const named: NamedObject[] = [
    { kind: imageKind, ref: image, permission: imageRead, makes: pull === 'missing', field: ['image'] },
  ]
  for (const [at, mount] of mounts.entries()) {
    if (mount.type !== volumeKind || mount.source === undefined) continue
    const permission = mount.readOnly ? volumeFilesRead : volumeFilesWrite
    const field = ['mounts', at, 'source']
    named.push({ kind: volumeKind, ref: mount.source, byName: true, permission, makes: true, field })
  }
  const connect = { permission: networkConnect }
  for (const [at, { network: ref }] of networks.entries()) {
    named.push({ kind: networkKind, ref, ...connect, field: ['networks', at, 'network'] })
  }
  for (const ref of sharedContainer(network)) {
    named.push({ kind: 'container', ref, ...connect, field: ['network'] })
  }
  return named
}
