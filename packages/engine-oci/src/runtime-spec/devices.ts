import { stat } from 'node:fs/promises'
import { type Device, fail } from '@flotilla/protocol'
import type { RuntimeDevice, RuntimeDeviceRule } from '@flotilla/oci'

/** A device of the host as it will be made inside the container. */
export interface ResolvedDevice {
  node: RuntimeDevice
  access: string
}

/** Looks the numbers of devices up. Throws INVALID_ARGUMENT for what is not there or is no device. */
export async function resolveDevices(devices: readonly Device[]): Promise<ResolvedDevice[]> {
  return Promise.all(
    devices.map(async (device, at) => {
      const found = await stat(device.hostPath).catch((error: unknown) => {
        throw fail('device.absent', { path: device.hostPath }, { field: ['devices', at, 'hostPath'], cause: error })
      })
      if (!found.isCharacterDevice() && !found.isBlockDevice()) {
        throw fail('device.noDevice', { path: device.hostPath }, { field: ['devices', at, 'hostPath'] })
      }
      return {
        node: {
          path: device.containerPath,
          type: found.isBlockDevice() ? 'b' : 'c',
          ...splitDeviceNumber(found.rdev),
          fileMode: found.mode & 0o7777,
          uid: found.uid,
          gid: found.gid,
        },
        access: device.permissions,
      }
    }),
  )
}

/** Major and minor of a device number as glibc packs it; the upper minor bits need more than 32-bit arithmetic. */
export function splitDeviceNumber(rdev: number): { major: number; minor: number } {
  const value = BigInt(rdev)
  return {
    major: Number(((value >> 8n) & 0xfffn) | ((value >> 32n) & ~0xfffn)),
    minor: Number((value & 0xffn) | ((value >> 12n) & ~0xffn & 0xffffffffn)),
  }
}

/**
 * The cgroup's device rules: nothing, then making any node (what an unpacking program needs; using it stays refused),
 * then the devices of config-linux.md "Default Devices", terminals and tun, then those that were asked for.
 */
export function deviceRules(devices: readonly ResolvedDevice[]): RuntimeDeviceRule[] {
  const allow = (type: 'c' | 'b', access: string, major?: number, minor?: number): RuntimeDeviceRule => ({
    allow: true,
    type,
    access,
    ...(major === undefined ? {} : { major }),
    ...(minor === undefined ? {} : { minor }),
  })
  return [
    { allow: false, access: 'rwm' },
    allow('c', 'm'),
    allow('b', 'm'),
    ...[3, 5, 7, 8, 9].map((minor) => allow('c', 'rwm', 1, minor)), // null zero full random urandom
    ...[0, 2].map((minor) => allow('c', 'rwm', 5, minor)), // tty ptmx
    allow('c', 'rwm', 136), // pts
    ...devices.map(({ node, access }) => allow(node.type, access, node.major, node.minor)),
  ]
}
