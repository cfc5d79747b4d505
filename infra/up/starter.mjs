import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { installDependencies } from './dependencies.mjs'
import { Trouble } from '../../packages/launch/src/trouble.mjs'
import { work } from './work.mjs'

/**
 * Makes the first image, which the agent puts into its store. Flotilla runs without it too: where it cannot be made that is said,
 * and tried again at the next start.
 * @param {{ root: string, folder: string, say: (line: string) => void, signal: AbortSignal }} options
 */
export async function starterImage({ root, folder, say, signal }) {
  if (existsSync(join(folder, 'index.json'))) return
  const unfinished = `${folder}.partial`
  try {
    await installDependencies(root, say, signal)
    rmSync(unfinished, { recursive: true, force: true })
    const argv = [process.execPath, '--import', 'tsx', join(root, 'packages/images/src/starter.ts'), unfinished]
    await work(argv, { root, name: 'Making the starter image', signal })
    rmSync(folder, { recursive: true, force: true })
    renameSync(unfinished, folder)
  } catch (error) {
    if (!(error instanceof Trouble)) throw error
    const why = /^(?:\w*Error|Error): (.+)$/m.exec(error.message)?.[1] ?? error.message
    say(`There is no starter image this time: ${why}`)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
}
