import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle } from '@flotilla/config/bundle'
import { minimalEnv, run } from '@flotilla/host'
import { briefFlags } from '@flotilla/launch/memory'
import { parseToken } from '@flotilla/link'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestControlPlane, openControlPlane, testPassword } from './testing/open-control-plane.ts'

const program = fileURLToPath(new URL('./admin.ts', import.meta.url))
const root = fileURLToPath(new URL('../../../', import.meta.url))
let plane: TestControlPlane
let folder = ''

beforeAll(async () => {
  // As a bundle it starts in a fraction of the time.
  folder = await mkdtemp(join(tmpdir(), 'fad-'))
  const external = ['cpu-features', '*.node', 'pg-native']
  await bundle({ entryPoints: { admin: program }, outdir: folder, external })
  plane = await openControlPlane({ ownServer: true })
}, 60_000)

afterAll(async () => {
  await plane.dispose()
  await rm(folder, { recursive: true, force: true })
})

async function admin(argv: readonly string[], stdin?: string) {
  const { exitCode, stdout, stderr } = await run([process.execPath, ...briefFlags, join(folder, 'admin.js'), ...argv], {
    cwd: root,
    env: {
      ...minimalEnv(),
      FLOTILLA_DATA_DIR: plane.folder,
      FLOTILLA_PORT: String(plane.env.port),
      FLOTILLA_MIGRATIONS_DIR: plane.env.migrationsDir,
    },
    ...(stdin === undefined ? {} : { stdin }),
  })
  return { exitCode, lines: stdout.toString().trimEnd().split('\n'), stderr }
}

test('a person, a key alone on the last line, a role and a token, on the running instance', async () => {
  const who = ['--email', 'cli@example.org']
  const made = await admin(['user', 'create', ...who, '--name', 'Cli', '--role', 'owner'], `${testPassword}\n`)
  expect([made.exitCode, made.stderr]).toEqual([0, ''])
  expect((await plane.signIn('cli@example.org', testPassword)).status).toBe(200)
  const again = await admin(['user', 'create', ...who, '--name', 'Cli', '--password', testPassword, '--role', 'viewer'])
  expect([again.exitCode, again.stderr]).toEqual([
    1,
    'There is already somebody with the e-mail address cli@example.org.\n',
  ])
  const key = (await admin(['key', 'create', ...who, '--name', 'test'])).lines.at(-1) ?? ''
  expect(key).toMatch(/^flk_[A-Za-z0-9_-]{43}$/)
  expect((await plane.rest(key, 'GET', '/people')).status).toBe(200)
  await admin([
    'user',
    'create',
    '--email',
    'b@example.org',
    '--name',
    'B',
    '--password',
    testPassword,
    '--role',
    'viewer',
  ])
  expect((await admin(['user', 'role', '--email', 'b@example.org', '--role', 'admin'])).exitCode).toBe(0)
  expect((await admin(['user', 'role', ...who, '--role', 'viewer'])).stderr).toMatch(/last owner/)
  const token = parseToken((await admin(['token', 'create'])).lines.at(-1) ?? '')
  expect(token).toMatchObject({ url: plane.url, fingerprint: plane.secrets.identity.fingerprint })
  expect(await plane.app.db.joinTokens.peek(token.id)).toEqual(plane.scope)
  const { rows } = await plane.app.db.audit.list(plane.scope, { limit: 20 })
  expect(rows.map(({ action }) => action)).toContain('keys.create')
}, 60_000)

test('what is wrong is said in a sentence', async () => {
  expect(await admin(['nonsense'])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('npm run admin') as string,
  })
  expect((await admin(['key', 'create', '--email', 'none@example.org', '--name', 'x'])).stderr).toMatch(/nobody with/)
  const short = await admin([
    'user',
    'create',
    '--email',
    's@x.org',
    '--name',
    's',
    '--password',
    'short',
    '--role',
    'viewer',
  ])
  expect(short.stderr).toMatch(/10 to 128/)
}, 30_000)
