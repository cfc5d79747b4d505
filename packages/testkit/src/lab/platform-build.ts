import { join } from 'node:path'
import { bundle } from '@flotilla/config/bundle'
import { run } from '@flotilla/host'
import { FlotillaError } from '@flotilla/protocol'
import { sourceHash } from '@flotilla/launch/sources'
import { made, root } from './made.ts'
import { starterLayout } from './starter-layout.ts'

export { root } from './made.ts'

/** Programs of this checkout, built as `npm run build` builds them, each one file. */
export interface PlatformBuild {
  /** All of them lie in it, with the WebAssembly that they load. */
  folder: string
  agent: string
  /** The agent over an engine in memory. */
  fakeAgent: string
  controlPlane: string
  admin: string
  reaper: string
  /** Makes what `putDatabase` copies. */
  makeDatabase: string
  /** An OCI layout folder with the starter image. */
  starter: string
}

let built: Promise<PlatformBuild> | undefined

/** Builds what is not yet built from the sources as they are when this process asks first. */
export function platformBuild(): Promise<PlatformBuild> {
  built ??= buildPlatform()
  return built
}

async function buildPlatform(): Promise<PlatformBuild> {
  const folder = await made(sourceHash(root, programParts), async (partial) => {
    for (const app of ['agent', 'control-plane']) await buildApp(app, partial)
    await bundle({
      entryPoints: {
        'fake-agent': join(root, 'apps/agent/src/testing/fake-agent.ts'),
        reaper: join(root, 'packages/testkit/src/lab/reaper.ts'),
        'make-database': join(root, 'apps/control-plane/src/testing/make-database.ts'),
      },
      outdir: partial,
      external: ['cpu-features', '*.node', 'pg-native'],
    })
  })
  const at = (name: string) => join(folder, name)
  return {
    ...{
      folder,
      agent: at('agent.js'),
      fakeAgent: at('fake-agent.js'),
      controlPlane: at('main.js'),
      admin: at('admin.js'),
      reaper: at('reaper.js'),
      makeDatabase: at('make-database.js'),
    },
    starter: await starterLayout(),
  }
}

async function buildApp(app: string, to: string): Promise<void> {
  const argv = [process.execPath, join(root, 'apps', app, 'build.mjs'), to]
  const { exitCode, stderr } = await run(argv, { cwd: root, timeoutMs: 120_000 })
  if (exitCode !== 0) throw new FlotillaError('INTERNAL', `apps/${app} does not build:\n${stderr.slice(0, 3000)}`)
}

/** Of what `up` builds, what goes into the two programs: not the dashboard. */
const programParts = ['apps/agent', 'apps/control-plane', 'packages', 'package-lock.json']
