import { because } from '../../reasons/because.ts'
import type { Reason } from '../../reasons/reason.ts'

/** Why the kernel killed a container for want of memory: at its own limit in bytes, or where it has none, at the host's. */
export function outOfMemory(limitBytes: number | undefined): Reason {
  if (limitBytes === undefined) return because('container.hostOutOfMemory')
  return because('container.overOwnLimit', { mebibytes: Number((limitBytes / 1024 ** 2).toFixed(1)) })
}
