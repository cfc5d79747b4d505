import { bulk } from './bulk.ts'
import { createAndStart } from './create-and-start.ts'
import type { AnyOperation } from './define.ts'

/** Every kind of operation that there is: what a control plane can go on with. */
export const definitions: readonly AnyOperation[] = [createAndStart, bulk]
