import { z } from 'zod'

/** Docker's rule for names, but none that reads like the id of a volume without a name. */
export const VolumeName = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$/, 'must start with a letter or digit, then letters, digits, _ . or -')
  .refine((name) => !/^[0-9a-f]{64}$/.test(name), 'must not look like the id of a volume')
