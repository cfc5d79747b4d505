import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { startVitest } from 'vitest/node'
import { countsFrom, failureList, playwrightCounts, sum, vitestCounts } from './counts.mjs'
import { leftovers, snapshot } from './leftovers.mjs'
import { runStep, runSteps, table } from './steps.mjs'
import CountingReporter from './vitest-reporter.mjs'

const node = (script: string) => [process.execPath, '-e', script]

it('runs steps beside each other and gives their outcomes in the given order', async () => {
  const steps = [
    { name: 'slow', argv: node('setTimeout(() => {}, 300)') },
    { name: 'bad', argv: node('console.log("words"); process.exit(3)') },
    { name: 'good', argv: node('') },
  ]
  const reported: string[] = []
  const outcomes = await runSteps(steps, { cwd: '/', width: 2, reported: ({ name }) => void reported.push(name) })
  expect(outcomes.map(({ name, ok }) => [name, ok])).toEqual([
    ['slow', true],
    ['bad', false],
    ['good', true],
  ])
  expect(reported[0]).toBe('bad')
  expect(outcomes[1]?.output).toContain('words\n')
  expect(table(outcomes)).toMatch(/bad +\d+\.\d s {2}FAILED/)
})

it('lets a step wait for those it comes after, and for none that is not asked for', async () => {
  const reported: string[] = []
  const begun = join(tmpdir(), `flotilla-begun-${process.pid}`)
  const steps = [
    // Ends once the third has begun, for which it must have left its place free.
    { name: 'first', argv: ['sh', '-c', `until [ -e ${begun} ]; do sleep 0.05; done; sleep 0.2; rm ${begun}`] },
    { name: 'second', argv: ['sh', '-c', `[ ! -e ${begun} ]`], after: ['first', 'absent'] },
    { name: 'third', argv: ['touch', begun] },
  ]
  const outcomes = await runSteps(steps, { cwd: '/', width: 2, reported: ({ name }) => void reported.push(name) })
  expect(outcomes.map(({ name, ok }) => [name, ok])).toEqual([
    ['first', true],
    ['second', true],
    ['third', true],
  ])
  expect(reported.at(-1)).toBe('second')
})

it('kills a step that takes too long, with its children', async () => {
  const script = `const { spawn } = require('child_process'); console.log(spawn('sleep', ['600']).pid); setTimeout(() => {}, 6e5)`
  const outcome = await runStep({ name: 'late', argv: node(script), timeoutMs: 500 }, { cwd: '/' })
  expect(outcome).toMatchObject({ ok: false })
  const child = Number(/\d+/.exec(outcome.output)?.[0])
  await expect.poll(() => isAlive(child)).toBe(false)
})

async function isAlive(pid: number): Promise<boolean> {
  try {
    return !(await readFile(`/proc/${pid}/stat`, 'utf8')).includes(') Z ')
  } catch {
    return false
  }
}

it('names a process that is left, and forgets it once it is gone', async () => {
  const mark = `left-${process.pid}`
  const before = snapshot(mark)
  // Not a child of this process: started by one that ends at once.
  const starter = spawn('sh', ['-c', 'sleep 600 & echo $!'], { env: { ...process.env, MARK: mark } })
  const pid = await new Promise<number>((resolve) =>
    starter.stdout.once('data', (data: Buffer) => resolve(Number(data))),
  )
  try {
    // The shell tells the number before the child has become `sleep`.
    await expect.poll(() => leftovers(before, mark, 0)).toContain(`process ${pid} sleep 600`)
  } finally {
    process.kill(pid)
  }
  await expect
    .poll(async () => (await leftovers(before, mark, 0)).filter((left) => left.includes(`${pid}`)))
    .toEqual([])
})

it('sums what suites counted, and takes a suite that died without a word as failed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-counts-'))
  try {
    await writeFile(
      join(folder, 'unit.json'),
      JSON.stringify({ passed: 3, failed: 0, skipped: ['a (no daemon)'], again: ['b'] }),
    )
    const results = [
      {
        duration: 1,
        errors: [
          { message: '\u001b[31mnot found\u001b[39m\n\nlooked twice\nand more' },
          { message: 'a folder stayed\n' },
        ],
      },
    ]
    const spec = (status: string) => ({ title: status, tests: [{ status, annotations: [], results }] })
    const inner = { title: 'inner', specs: [spec('unexpected'), spec('skipped'), spec('flaky')] }
    const report = { errors: [], suites: [{ title: 'file', specs: [spec('expected')], suites: [inner] }] }
    await writeFile(join(folder, 'browser.json'), JSON.stringify(report))
    const counts = [
      countsFrom(join(folder, 'unit.json'), true, vitestCounts),
      countsFrom(join(folder, 'browser.json'), false, playwrightCounts),
      countsFrom(join(folder, 'none.json'), false, vitestCounts),
    ]
    expect(failureList(counts, 2)).toBe('failed: unexpected\n    not found\n    looked twice')
    expect(sum(counts)).toEqual({
      ...{ passed: 5, failed: 2 },
      skipped: ['a (no daemon)', 'skipped (no reason given)'],
      again: ['b', 'flaky (not found; a folder stayed)'],
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

it('counts each test of vitest once, and names those that passed only when they were tried again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-vitest-'))
  const source = `
    import { expect, it } from 'vitest'
    let tries = 0
    it('is tried again', { retry: 1 }, () => expect(++tries).toBe(2))
    it('is good', () => {})
    it('is bad', () => expect(1).toBe(2))
    it('is left out', (test) => test.skip('no daemon'))`
  try {
    await writeFile(join(folder, 'some.test.ts'), source)
    const report = join(folder, 'report.json')
    vi.stubEnv('FLOTILLA_TEST_REPORT', report)
    const options = {
      root: folder,
      dir: folder,
      config: false as const,
      watch: false,
      reporters: [new CountingReporter()],
    }
    await (await startVitest('test', [], options)).close()
    expect(vitestCounts(await readFile(report, 'utf8'))).toEqual({
      ...{ passed: 2, failed: 1, contract: [] },
      files: [{ path: 'some.test.ts', ms: expect.any(Number) as number }],
      skipped: ['is left out (no daemon)'],
      again: ['is tried again (expected 1 to be 2 // Object.is equality)'],
      failures: [{ name: 'is bad', error: expect.stringContaining('expected 1 to be 2') as string }],
    })
  } finally {
    vi.unstubAllEnvs()
    process.exitCode = 0 // the bad one is meant to be
    await rm(folder, { recursive: true, force: true })
  }
})
