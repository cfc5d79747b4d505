import { spawn, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { wouldReplace } from './packages.mjs'
import { needPort } from './preflight.mjs'
import { claim, holderOf, release } from './running.mjs'
import { settingsFrom } from '../../packages/launch/src/settings.mjs'
import { sourceHash } from '@flotilla/launch/sources'
import { linkLibraries } from '@flotilla/launch/stage'
import { startParts } from './platform.mjs'
import { type PartState, supervise } from './supervise.mjs'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-up-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const up = fileURLToPath(new URL('./up.mjs', import.meta.url))

/** `npm run up` on a machine that is otherwise than this one. */
function upWhere(changed: string, flags: string[] = []): { status: number | null; stderr: string } {
  const before = `data:text/javascript,${encodeURIComponent(changed)}`
  return spawnSync(process.execPath, ['--import', before, up, ...flags], { encoding: 'utf8' })
}

describe('a machine that will not do is told so in a sentence', () => {
  it('has an old Node', () => {
    const { status, stderr } = upWhere('Object.defineProperty(process, "versions", { value: { node: "18.20.1" } })')
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^Flotilla needs Node 20\.19 or newer .*Install a newer one/),
    ])
  })

  it('has an unknown flag, and somebody who is not root', () => {
    expect(upWhere('', ['--fast']).stderr.trim()).toBe('npm run up knows --no-install and --demo, not --fast.')
    const { status, stderr } = upWhere('process.getuid = () => 1000')
    expect([status, stderr.trim()]).toEqual([1, expect.stringMatching(/must be started by root: sudo npm run up$/)])
  })

  it('has its port taken, by a program that is named', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    await expect(needPort(port, '127.0.0.1', 'FLOTILLA_PORT')).rejects.toThrow(
      new RegExp(`^Port ${port} is taken by .+ \\(process ${process.pid}\\)\\. .*FLOTILLA_PORT=${port + 1}`),
    )
    await new Promise((resolve) => server.close(resolve))
    await needPort(port, '127.0.0.1', 'FLOTILLA_PORT')
  })
})

it('says in a sentence what a kernel does not give', () => {
  const preflight = JSON.stringify(new URL('./preflight.mjs', import.meta.url).href)
  const script = `import { needKernel } from ${preflight}; try { needKernel() } catch (error) { console.log(error.message) }`
  const node = [process.execPath, '--input-type=module', '--eval', script]
  // Without its rights even root is refused, as by a kernel that has no namespaces.
  const powerless = process.getuid?.() === 0 ? ['setpriv', '--inh-caps=-all', '--bounding-set=-all', '--'] : []
  const [program = '', ...argv] = [...powerless, ...node]
  const { stdout } = spawnSync(program, argv, { encoding: 'utf8' })
  expect(stdout).toMatch(
    /^This kernel does not give network namespaces \(CONFIG_NET_NS\), which containers need \(.+\)\. /,
  )
  expect(stdout.trim().split('\n')).toHaveLength(1)
})

describe('settings', () => {
  it('tell two data folders apart and keep one the same however it is spelled', () => {
    const [one, same, other] = ['/srv/a', '/srv/b/../a/', '/srv/b'].map((path) =>
      settingsFrom({ FLOTILLA_DATA_DIR: path }),
    )
    expect(one?.instance).toBe(same?.instance)
    expect(one?.instance).not.toBe(other?.instance)
    expect(one).toMatchObject({
      port: 4600,
      publicUrl: 'http://127.0.0.1:4600',
      runDir: `/run/flotilla/${one?.instance}`,
    })
  })

  it('refuse what cannot be', () => {
    expect(() => settingsFrom({ FLOTILLA_PORT: '70000' })).toThrow('must be a number from 1 to 65535')
    expect(() => settingsFrom({ FLOTILLA_RUN_DIR: `/run/${'x'.repeat(80)}` })).toThrow('too long')
  })
})

it('lets one process alone run an instance, and takes over from a dead one', async () => {
  const note = join(folder, 'up.pid')
  const other = spawn('sleep', ['60'])
  const stat = await readFile(`/proc/${other.pid}/stat`, 'utf8')
  const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  await writeFile(note, `${other.pid} ${started}\n`)
  expect(() => claim(note, '/srv/a')).toThrow(`runs already (process ${other.pid})`)
  const ended = new Promise((resolve) => other.once('exit', resolve))
  other.kill()
  await ended
  claim(note, '/srv/a')
  expect(holderOf(note)).toBe(process.pid)
  release(note, join(folder, 'none'))
  expect(holderOf(note)).toBeUndefined()
})

it('builds again when a source changes, and not for a test or for what builds wrote', async () => {
  const write = async (path: string, text: string) => {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  await write('apps/agent/src/main.ts', '1')
  const first = sourceHash(folder)
  await write('apps/agent/src/main.test.ts', '1')
  await write('apps/agent/dist/agent.js', '1')
  await write('packages/db/src/generated/client.ts', '1')
  expect(sourceHash(folder)).toBe(first)
  await write('apps/agent/src/main.ts', '2')
  expect(sourceHash(folder)).not.toBe(first)
})

it('sees in the plan of apt-get what would change of the installed', () => {
  const plan = 'Inst conmon (2.1.6 Debian:12 [amd64])\nInst libc6 [2.36-9] (2.36-10 Debian:12 [amd64])\nRemv old [1]\n'
  expect(wouldReplace(plan)).toEqual({ updated: ['libc6'], removed: ['old'] })
})

it('names the database’s libraries where npm ran no script that would', async () => {
  await mkdir(join(folder, 'native/lib'), { recursive: true })
  await writeFile(join(folder, 'native/lib/libpq.so.5.18'), '')
  const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }]
  await writeFile(join(folder, 'native/pg-symlinks.json'), JSON.stringify(links))
  linkLibraries(folder)
  linkLibraries(folder)
  expect(await readlink(join(folder, 'native/lib/libpq.so.5'))).toBe('libpq.so.5.18')
})

describe('a supervised process', () => {
  const part = (script: string) => ({
    name: 'The part',
    argv: [process.execPath, '-e', script],
    env: { PATH: '/usr/bin:/bin' },
    logFile: join(folder, 'part.log'),
  })

  it('is started again when it ends, and not once it was stopped', async () => {
    const said: string[] = []
    const supervised = supervise(part('console.log("up", process.pid); setInterval(() => {}, 1000)'), (line) =>
      said.push(line),
    )
    const starts = async () => (await readFile(join(folder, 'part.log'), 'utf8')).match(/up \d+/g)?.length ?? 0
    await expect.poll(starts).toBe(1)
    process.kill(supervised.pid() ?? 0, 'SIGKILL')
    await expect.poll(starts, { timeout: 5000 }).toBe(2)
    expect(said).toEqual([expect.stringContaining('The part ended (SIGKILL); starting it again.')])
    const pid = supervised.pid() ?? 0
    await supervised.stop()
    expect(() => process.kill(pid, 0)).toThrow()
    expect(await starts()).toBe(2)
  })

  it('is killed when it does not end by itself', async () => {
    const supervised = supervise(
      part('process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)'),
      () => {},
    )
    await expect.poll(() => readFile(join(folder, 'part.log'), 'utf8')).toContain('up')
    const pid = supervised.pid() ?? 0
    await supervised.stop(200)
    expect(() => process.kill(pid, 0)).toThrow()
  })

  it('is given up when it keeps ending before it was ready once: somebody waits for it', async () => {
    const supervised = supervise(part('process.exit(7)'), () => {}, { firstWaitMs: 10 })
    expect(await supervised.failed).toMatch(/The part ended five times in a row \(exit code 7\)/)
    await supervised.stop()
  })

  it('is never given up once it was ready, and its last words are told once, and when it runs again', async () => {
    const flag = join(folder, 'mended')
    const script = `
      if (require('node:fs').existsSync(${JSON.stringify(flag)})) setInterval(() => {}, 1000)
      else { console.error('The disk is gone.'); process.exit(Number(process.env.CODE)) }`
    const said: string[] = []
    const states: PartState[] = []
    const supervised = supervise(
      { ...part(script), env: { PATH: '/usr/bin:/bin', CODE: '1' } },
      (line) => said.push(line),
      {
        ...{ firstWaitMs: 5, longestWaitMs: 40, steadyMs: 5000 },
        onState: (state) => states.push(state),
      },
    )
    supervised.keep()
    await expect.poll(() => states.at(-1)?.quickEnds, { timeout: 20_000 }).toBeGreaterThan(8)
    await writeFile(flag, '')
    await expect.poll(() => said.at(-1), { timeout: 20_000 }).toBe('The part runs again.')
    const often = said.filter((line) => line.includes('again and again'))
    expect(often).toEqual([
      expect.stringMatching(
        /tried again every 0\.04 s, and the rest goes on\. Its last words: The disk is gone\. Its log: /,
      ),
    ])
    const waits = states.flatMap(({ since, nextStartAt }) =>
      nextStartAt === null ? [] : [Date.parse(nextStartAt) - Date.parse(since)],
    )
    expect(waits.slice(0, 6)).toEqual([5, 10, 20, 40, 40, 40])
    expect(states).toContainEqual(expect.objectContaining({ state: 'waiting', lastWords: 'The disk is gone.' }))
    expect(states.at(-1)).toMatchObject({ state: 'running', quickEnds: 0, nextStartAt: null, lastWords: null })
    await supervised.stop()
  })

  it('is tried again where starting it again does not help by itself, once it was ready', async () => {
    const said: string[] = []
    const supervised = supervise(part('process.exit(78)'), (line) => said.push(line), { longestWaitMs: 20 })
    supervised.keep()
    const starts: (number | undefined)[] = []
    await expect
      .poll(() => starts.push(supervised.pid()) && new Set(starts).size, { interval: 5, timeout: 20_000 })
      .toBeGreaterThan(3)
    expect(said).toEqual([expect.stringMatching(/^The part ends again and again \(exit code 78\)/)])
    await supervised.stop()
  })

  it('ends no other when it keeps ending, and how they do stands in a file', async () => {
    const [bad, good] = [
      { ...part('console.error("No room."); process.exit(78)'), name: 'The bad', logFile: join(folder, 'bad.log') },
      { ...part('console.log("up", process.pid); setInterval(() => {}, 1000)'), name: 'The good' },
    ]
    const file = join(folder, 'parts.json')
    const running = startParts([bad, good], () => {}, file)
    running.keep()
    const states = async () => JSON.parse(await readFile(file, 'utf8')) as PartState[]
    await expect.poll(states, { timeout: 20_000 }).toMatchObject([
      { name: 'The bad', state: 'waiting', lastWords: 'No room.' },
      { name: 'The good', state: 'running', quickEnds: 0 },
    ])
    await expect.poll(() => readFile(good.logFile, 'utf8'), { timeout: 20_000 }).toMatch(/up \d+/)
    const [, pid] = /up (\d+)/.exec(await readFile(good.logFile, 'utf8')) ?? []
    expect(process.kill(Number(pid), 0)).toBe(true)
    await running.stop()
    expect(() => process.kill(Number(pid), 0)).toThrow()
    await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('is given up at once, with its last words, when starting it again would not help', async () => {
    const script = 'console.error("{}\\nThe token was used already."); process.exit(78)'
    const supervised = supervise(part(script), () => {})
    expect(await supervised.failed).toMatch(/^The part ended: The token was used already\. Its log: /)
    await supervised.stop()
  })
})
