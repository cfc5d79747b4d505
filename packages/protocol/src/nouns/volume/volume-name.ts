import { z } from 'zod'
import { type ErrorField, fail } from '../../errors/index.ts'

/** Docker's rule for names, but none that reads like the id of a volume without a name. */
export const VolumeName = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$/, 'must start with a letter or digit, then letters, digits, _ . or -')
  .refine((name) => !/^[0-9a-f]{64}$/.test(name), 'must not look like the id of a volume')

/** What a volume may be called from now on: nothing that reads like an id cut short, by which another one is found. */
export const NewVolumeName = VolumeName.refine(
  (name) => !/^[0-9a-f]{12,}$/.test(name),
  'must not look like the id of a volume: not 12 or more of the digits 0 to 9 and a to f alone',
)

/** Throws INVALID_ARGUMENT where a mount asks for a volume that is not there by a name that none may have. */
export function requireNewVolumeName(name: string, field: ErrorField): void {
  if (!NewVolumeName.safeParse(name).success) throw fail('volume.nameLikeId', { name }, { field })
}
