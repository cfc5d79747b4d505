import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeStarterImage } from '@flotilla/images/starter'
import { made, root } from './made.ts'

let layout: Promise<string> | undefined

/** An OCI layout folder with the starter image, made once for all tests. Nobody changes it. */
export function starterLayout(): Promise<string> {
  layout ??= makeLayout()
  return layout
}

async function makeLayout(): Promise<string> {
  const hash = createHash('sha256')
  for (const name of ['starter.ts', 'busybox.ts', 'layout.ts']) {
    hash.update(await readFile(join(root, 'packages/images/src', name)))
  }
  const name = `starter-${hash.digest('hex').slice(0, 12)}`
  return join(await made(name, (partial) => makeStarterImage(join(partial, 'layout'))), 'layout')
}
