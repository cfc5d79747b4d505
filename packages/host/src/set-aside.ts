import { rename } from 'node:fs/promises'

/**
 * Moves a file that cannot be read out of the way of the one that takes its place, for whoever wants to see what was in it; one
 * that was moved before is replaced. Gives where it is now. Throws what the file system throws.
 */
export async function setAside(path: string): Promise<string> {
  const aside = `${path}.unreadable`
  await rename(path, aside)
  return aside
}
