import { capabilityNames, selectCapabilities } from '@flotilla/oci'
import type { ContainerAnswer } from '../docker-answers.ts'

type Asked = ContainerAnswer['HostConfig']

/** The bounding set of a container's processes. `available`: what the daemon itself has, which its host's agent has too. */
export function capabilitiesOf(host: Asked, available: readonly string[]): string[] {
  if (host.Privileged) return capabilityNames.filter((name) => available.includes(name))
  // What this host does not know its daemon did not give either.
  const capAdd = host.CapAdd.filter((name) => isAll(name) || available.includes(full(name)))
  const capDrop = host.CapDrop.filter((name) => isAll(name) || capabilityNames.includes(full(name)))
  return selectCapabilities({ capAdd, capDrop }, available)
}

const full = (name: string): string => (name.startsWith('CAP_') ? name : `CAP_${name}`)
const isAll = (name: string): boolean => full(name) === 'CAP_ALL'

/** Whether it has any of what a create needs a right of its own for: `privilegedReasons` said of Docker's own answer. */
export function isPrivileged({ HostConfig: host, Mounts }: ContainerAnswer): boolean {
  const { Devices, DeviceRequests, SecurityOpt, MaskedPaths } = host
  return (
    host.Privileged ||
    Mounts.some(({ Type }) => Type === 'bind') ||
    (Devices?.length ?? 0) + (DeviceRequests?.length ?? 0) > 0 ||
    host.CapAdd.length > 0 ||
    SecurityOpt.some((option) => /^(seccomp|apparmor)[=:]unconfined$|^label[=:]disable$/.test(option)) ||
    MaskedPaths?.length === 0 ||
    [host.NetworkMode, host.PidMode, host.IpcMode, host.UTSMode, host.UsernsMode].includes('host')
  )
}
