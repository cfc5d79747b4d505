import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { runOk } from '@flotilla/host'
import { sourceHash } from '@flotilla/launch/sources'
import { made, root } from './made.ts'

/** What says how a new database looks. */
const parts = [
  ...['prisma/migrations', 'apps/control-plane/src/database', 'apps/control-plane/src/testing', 'packages/db/src'],
  'package-lock.json',
]

let template: Promise<string> | undefined

/**
 * Puts PostgreSQL's folder there as a control plane leaves it that was started and stopped once, with nobody in it yet:
 * `initdb` and the migrations take as long as many a test. `make` makes one with the product's own code in a folder that is
 * given to it, once for these sources; all others are copies. Those that test the first start itself do without this.
 */
export async function putDatabase(
  folder: string,
  make: (into: string) => Promise<void>,
  owner?: { uid: number; gid: number },
): Promise<void> {
  template ??= made(`database-${sourceHash(root, parts)}`, make)
  await mkdir(dirname(folder), { recursive: true })
  await runOk(['cp', '--archive', '--no-target-directory', join(await template, 'postgres'), folder])
  if (owner !== undefined) await runOk(['chown', '--recursive', `${owner.uid}:${owner.gid}`, folder])
}
