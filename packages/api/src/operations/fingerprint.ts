import { createHash } from 'node:crypto'
import { mapSecrets, withoutDefaults } from '@flotilla/protocol'
import type { AnyOperation } from './define.ts'
import type { Sealer } from './sealer.ts'

/** What was asked and by whom, in 64 hex digits; what is kept nowhere is no part of it, nor are the defaults of this version. */
export function fingerprintOf(definition: AnyOperation, sealer: Sealer, actorId: string, input: unknown): string {
  const plain = withoutDefaults(definition.input, definition.keep?.(input) ?? input)
  const asked = mapSecrets(definition.input, plain, (value) => sealer.digest(value))
  return createHash('sha256')
    .update(JSON.stringify([definition.kind, actorId, asked]))
    .digest('hex')
}
