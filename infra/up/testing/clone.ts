import { existsSync } from 'node:fs'
import { chmod, cp, link, mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run, runOk } from '@flotilla/host'
import { projectFiles } from '../../ci/tracked.mjs'
import { type Instance, makeInstance } from './instance.ts'

/** A copy of the project as `git clone` and `npm ci` make it, in a folder that only root may enter. */
export interface Clone {
  /** An instance of its own, not yet started. */
  instance(name: string): Promise<Instance>
  remove(): Promise<void>
}

const project = fileURLToPath(new URL('../../../', import.meta.url))

export async function makeClone(): Promise<Clone> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'fup-')))
  await chmod(folder, 0o755)
  const root = join(folder, 'closed/flotilla')
  await mkdir(root, { recursive: true })
  await chmod(dirname(root), 0o700)
  // By programs of the machine: they do with thousands of files in a moment what takes this process seconds of its own.
  await runOk(['cp', '--parents', '--no-dereference', '--', ...projectFiles(project, []), root], { cwd: project })
  // What `npm ci` makes, without the network; files are shared where both are on one file system.
  const packages = join(project, 'node_modules')
  const probe = join(root, 'link')
  // Two mounts of one file system take no links between them, so one is tried.
  const isShared = await link(join(project, 'package.json'), probe).then(
    () => true,
    () => false,
  )
  await rm(probe, { force: true })
  // Other tests write into the cache meanwhile, and a file that goes while it is copied is an error.
  const installed = (await readdir(packages)).filter((name) => name !== '.cache')
  await mkdir(join(root, 'node_modules'))
  await runOk(['cp', isShared ? '-al' : '-a', '--', ...installed, join(root, 'node_modules')], {
    ...{ cwd: packages, timeoutMs: 120_000 },
  })
  const cache = 'node_modules/.cache'
  // The tests have no network: what the starter image is made of was fetched before they began.
  const fetched = join(cache, 'flotilla/busybox')
  if (existsSync(join(project, fetched)))
    await cp(join(project, fetched), join(root, fetched), { preserveTimestamps: true })
  // `npm test` has built these very sources by then; where nobody has, the first start does.
  const built = '.turbo/cache'
  if (existsSync(join(project, built))) {
    await mkdir(join(root, '.turbo'))
    await runOk(['cp', '-a', join(project, built), join(root, '.turbo')], { timeoutMs: 120_000 })
  }
  let made = 0
  return {
    instance: (name) => makeInstance({ root, folder: join(folder, `${name}${(made += 1)}`) }),
    async remove() {
      await run(['rm', '-r', '--', join(root, 'node_modules')]) // what it leaves is seen by the next
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    },
  }
}
