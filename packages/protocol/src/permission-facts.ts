/** The built-in roles from the least to the most. */
export const roles = ['viewer', 'operator', 'admin', 'owner'] as const

/** What a noun says of each of its permissions. */
export interface PermissionFacts {
  /** The lowest built-in role that has it; those above have it too. */
  readonly role: (typeof roles)[number]
  /** What whoever has it may do, for the person. */
  readonly sentence: string
}
