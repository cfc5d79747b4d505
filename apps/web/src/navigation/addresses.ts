import type { Noun } from './nouns.ts'

/** The address of a noun's list. */
export function listAddress(noun: Pick<Noun, 'name'>): string {
  return `/${noun.name}`
}

/** The address of the page of one thing. */
export function addressOf(noun: Pick<Noun, 'name'>, id: string): string {
  return `/${noun.name}/${encodeURIComponent(id)}`
}

/** The id in `/containers/<id>`: pages of one thing are exported once, for any id, and read it from the address. */
export function idOf(pathname: string): string {
  return decodeURIComponent(pathname.split('/')[2] ?? '')
}
