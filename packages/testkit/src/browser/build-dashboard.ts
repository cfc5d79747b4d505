import { run } from '@flotilla/host'
import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { dashboard, root } from './dashboard.ts'

const sources = ['apps/web/src', 'apps/web/messages', 'apps/web/public', 'packages/ui/src', 'packages/protocol/src']

/** Builds the dashboard where its sources are newer than what was built. */
export async function buildDashboard(): Promise<void> {
  const built = await stat(join(dashboard, 'index.html')).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )
  if (process.env['FLOTILLA_TEST_DASHBOARD'] !== undefined || built > (await newest())) return
  const web = join(root, 'apps/web')
  for (const argv of [
    [process.execPath, join(root, 'node_modules/next/dist/bin/next'), 'build'],
    [process.execPath, join(web, 'scripts/finish-export.mjs')],
  ]) {
    const { exitCode, stdout, stderr } = await run(argv, {
      cwd: web,
      env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' },
      timeoutMs: 240_000,
    })
    if (exitCode !== 0) throw new Error(`The dashboard does not build:\n${stdout.toString()}\n${stderr}`)
  }
}

async function newest(): Promise<number> {
  let latest = 0
  for (const folder of sources.map((each) => join(root, each)).filter((each) => existsSync(each))) {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) latest = Math.max(latest, (await stat(join(entry.parentPath, entry.name))).mtimeMs)
    }
  }
  return latest
}
