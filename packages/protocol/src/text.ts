import { z } from 'zod'
import { rule } from './errors/rule.ts'

/**
 * Text of at most so many characters that every program can hold: C ends a string at a NUL, and half of a surrogate pair is no
 * character in UTF-8. The database takes neither.
 */
export function text(most: number) {
  return z
    .string()
    .max(most)
    .regex(/^[^\0\p{Surrogate}]*$/u, rule('input.badCharacters'))
}
