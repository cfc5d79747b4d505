import { Role, secret, text } from '@flotilla/protocol'
import { z } from 'zod'

/** Length is what counts; the hash's cost bounds the other end. */
export const NewPassword = secret(z.string().min(10).max(128))

export const Person = z.object({
  userId: z.string(),
  email: z.string(),
  name: z.string(),
  role: Role,
  createdAt: z.iso.datetime(),
})

/** What somebody is called, and what they call a key of theirs. */
export const PersonName = text(100).trim().min(1)

export const NewPersonInput = z.object({
  email: z.email().max(254),
  name: PersonName,
  password: NewPassword,
  role: Role,
})
