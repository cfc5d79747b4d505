import { randomBytes } from 'node:crypto'

/** On a container that the agent made for itself: its own name, so that neither an image nor a name alone makes one of it. */
export const helperLabel = 'io.flotilla.helper'
const pattern = /^flotilla-volume-[0-9a-f]{32}$/

export const helperName = (): string => `flotilla-volume-${randomBytes(16).toString('hex')}`

/** Whether a container is the agent's own, which nobody is told of. Docker writes some names with a slash before them. */
export function isHelper(name: string, labels: Readonly<Record<string, string>>): boolean {
  const own = name.replace(/^\//, '')
  return pattern.test(own) && labels[helperLabel] === own
}
