import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '@flotilla/host'
import type { Context } from './containers/context.ts'

/** Puts a first image into the store, once: who removes it is not given it again. Where the folder is missing nothing is done. */
export async function importStarter(
  context: Context,
  starter: { layout: string; reference: string },
  signal: AbortSignal,
): Promise<void> {
  const mark = join(context.dataDir, 'starter')
  if ((await isThere(mark)) || !(await isThere(starter.layout))) return
  await context.images.importLayout(starter.layout, starter.reference, { signal, progress: () => {} })
  await writeFileAtomic(mark, `${starter.reference}\n`)
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
