import type { OperationRow } from '@flotilla/db'
import { bulk } from './bulk.ts'
import { createAndStart } from './create-and-start.ts'
import type { AnyOperation } from './define.ts'
import type { Sealer } from './sealer.ts'

/** Every kind of operation that there is: what a control plane can go on with. */
export const definitions: readonly AnyOperation[] = [createAndStart, bulk]

/** What a running operation takes of who carries it out; null where its kind or its input is not known here. */
export function permissionsOf(
  { id, kind, sealed }: Pick<OperationRow, 'id' | 'kind' | 'sealed'>,
  sealer: Sealer,
): readonly string[] | null {
  const definition = definitions.find((one) => one.kind === kind)
  if (definition === undefined || sealed === null) return null
  try {
    return definition.permissions(definition.input.parse(sealer.open(id, sealed)))
  } catch {
    // Its key is lost, or a newer version made it.
    return null
  }
}
