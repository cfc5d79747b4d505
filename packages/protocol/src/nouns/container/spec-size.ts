import type { z } from 'zod'

/**
 * Bytes of text that a container may be asked with altogether: its name, command, variables, labels, mounts and all else. What
 * its image brings comes on top. Its details hold each of them several times, and go in one frame of 4 MiB.
 */
const mostSpecBytes = 512 * 1024

/** Refuses a spec of more, and names the field that has the most of it. */
export function checkSpecSize(spec: object, { addIssue }: z.core.$RefinementCtx): void {
  const sizes = Object.entries(spec).map(([field, value]) => ({ field, bytes: bytesIn(value) }))
  if (sizes.reduce((sum, { bytes }) => sum + bytes, 0) <= mostSpecBytes) return
  const largest = sizes.reduce((most, each) => (each.bytes > most.bytes ? each : most))
  addIssue({
    code: 'custom',
    path: [largest.field],
    message: 'container.tooLarge',
    params: { most: mostSpecBytes / 1024, kib: Math.ceil(largest.bytes / 1024) },
  })
}

const utf8 = new TextEncoder()

/** Of all texts and the names of fields in a value. */
function bytesIn(value: unknown): number {
  if (typeof value === 'string') return utf8.encode(value).length
  if (typeof value !== 'object' || value === null) return 0
  return Object.entries(value).reduce((sum, [name, inner]) => sum + name.length + bytesIn(inner), 0)
}
