import { hash } from 'node:crypto'

/** The platform's id of an object of an engine of one machine: 16 hex digits of its host, engine and native id. */
export function platformId(kind: string, hostId: string, engine: string, nativeId: string): string {
  return digits(`${kind}\n${hostId}\n${engine}\n${nativeId}`)
}

/**
 * The platform's id of an object of an engine that spans machines: of what the engine is called, whoever reaches it. No host's
 * id begins with a star, so that no agent can name an engine by which it would get the id of another host's object.
 */
export function spanningId(kind: string, organisationId: string, identity: string, nativeId: string): string {
  return digits(`${kind}\n*${organisationId}\n${identity}\n${nativeId}`)
}

function digits(text: string): string {
  return hash('sha256', text).slice(0, 16)
}
