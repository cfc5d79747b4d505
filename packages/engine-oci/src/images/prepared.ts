import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Digest } from '@flotilla/oci'
import { z } from 'zod'
import { readJson } from './layer-store.ts'

const Prepared = z.object({ driver: z.enum(['overlay', 'copy']), chainIds: z.array(Digest) })
export type Prepared = z.infer<typeof Prepared>

/** Where a snapshot's folder says what it was made of. */
export const preparedName = 'snapshot.json'

/** What a snapshot was made of; undefined where there is none, or none that says so. */
export async function readPrepared(folder: string): Promise<Prepared | undefined> {
  const value = await readJson(join(folder, preparedName)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  return Prepared.safeParse(value).data
}

/** The layers that the snapshots in a folder stand on. */
export async function preparedChains(folder: string): Promise<string[]> {
  const all = await Promise.all((await readdir(folder)).map((name) => readPrepared(join(folder, name))))
  return all.flatMap((prepared) => prepared?.chainIds ?? [])
}
