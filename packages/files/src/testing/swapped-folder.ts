import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { spawn } from '@flotilla/host'

const program = fileURLToPath(new URL('./swapper-child.mjs', import.meta.url))

/** A root whose folder `inner` another process keeps swapping for a link to a folder outside, with a secret in it. */
export interface SwappedFolder {
  root: string
  /** What lies outside, as text: it must never change. */
  outside(): Promise<string>
  end(): Promise<void>
}

export const outsideSecret = 'what lies outside'

export async function makeSwappedFolder(): Promise<SwappedFolder> {
  const base = await mkdtemp(join(tmpdir(), 'flotilla-swap-'))
  const [root, outside] = [join(base, 'root'), join(base, 'outside')]
  for (const folder of [join(root, 'inner'), outside]) await mkdir(folder, { recursive: true })
  await writeFile(join(outside, 'file'), outsideSecret)
  await writeFile(join(root, 'inner', 'file'), 'what lies inside')
  const child = spawn([process.execPath, program, root, 'inner', outside], { stdio: ['ignore', 'pipe', 'ignore'] })
  if (child.stdout !== null) await once(child.stdout, 'data')
  return {
    root,
    async outside() {
      const names = await readdir(outside)
      const texts = await Promise.all(names.map((name) => readFile(join(outside, name), 'utf8')))
      return names.map((name, at) => `${name}: ${texts[at]}`).join('\n')
    },
    async end() {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      await rm(base, { recursive: true, force: true })
    },
  }
}
