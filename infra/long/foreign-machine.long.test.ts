import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ForeignHost, openForeignHost } from './foreign-host.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

let host: ForeignHost
let before: string[]

beforeAll(async () => {
  host = await openForeignHost()
  before = await host.state()
}, 600_000)
afterAll(() => host?.remove(), 120_000)

/** In the very namespaces of the others, not apart from them as `npm test` runs. */
async function suite(paths: readonly string[]): Promise<void> {
  const argv = [process.execPath, join(root, 'node_modules/.bin/vitest'), 'run', '--root', root, '--project', 'engine']
  const env = { ...(process.env as Record<string, string>), FLOTILLA_TEST_REPORT: '/dev/null', NO_COLOR: '1' }
  const { exitCode, stdout } = await host.lab.exec([...argv, ...paths], { env, timeoutMs: 1_500_000 })
  process.stdout.write(stdout.toString())
  expect(exitCode).toBe(0)
}

test('what is there before is what the others have', () => {
  const said = before.join('\n')
  for (const name of [
    'their-web',
    'their-job',
    'their-spare',
    'their-pod',
    'theirs/web:older',
    'their-net',
    'their-data',
  ]) {
    expect(said).toContain(name)
  }
  expect(said).toMatch(/^process .*dockerd/m)
  expect(said).toMatch(/^process .*agent\.js/m)
  expect(said).toMatch(/^nftables .*banned/m)
})

for (const [what, paths] of [
  ['npm run up', ['infra/up/up.engine.test.ts']],
  ['the native engine', ['packages/engine-oci/src/containers', 'packages/engine-oci/src/network']],
  ['the Docker engine', ['packages/engine-docker/src/foreign.engine.test.ts']],
] as const) {
  test(`the tests of ${what} pass, and what the others have is as it was`, { timeout: 1_600_000 }, async () => {
    await suite(paths)
    await expect.poll(() => host.state(), { timeout: 20_000, interval: 1000 }).toEqual(before)
  })
}
