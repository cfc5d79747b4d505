import type { Actor } from '@flotilla/auth'
import type { App } from './app.ts'

/** What a request brings with it to every procedure and route. */
export interface Context {
  readonly app: App
  readonly actor: Actor | null
  readonly remoteAddress: string
  /** From the header `idempotency-key`, where the caller sent one. */
  readonly operationId?: string | undefined
  /** Called where what this request comes to is written to the audit by the operation that it began, and not by the request. */
  readonly reported?: () => void
}

/** The same once the caller is known. */
export interface ActorContext extends Context {
  readonly actor: Actor
}
