import { z } from 'zod'
import { type ErrorField, fail } from '../../errors/index.ts'
import { rule } from '../../errors/rule.ts'

/** Docker's rule for names, but none that reads like the id of a volume without a name. */
export const VolumeName = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$/, rule('input.badName'))
  .refine((name) => !/^[0-9a-f]{64}$/.test(name), rule('volume.nameIsId'))

/** What a volume may be called from now on: nothing that reads like an id cut short, by which another one is found. */
export const NewVolumeName = VolumeName.refine((name) => !/^[0-9a-f]{12,}$/.test(name), rule('volume.nameIsLikeId'))

/** Throws INVALID_ARGUMENT where a mount asks for a volume that is not there by a name that none may have. */
export function requireNewVolumeName(name: string, field: ErrorField): void {
  if (!NewVolumeName.safeParse(name).success) throw fail('volume.nameLikeId', { name }, { field })
}
