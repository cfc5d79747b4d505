import { expect, test } from 'vitest'
import { contractTable } from './contract-table.mjs'

test('shows what works, what is refused, what failed and what was not run', () => {
  const fake = { engine: 'fake', transport: 'straight', notRun: { ssh: 'it takes long' } }
  const table = contractTable([
    { ...fake, used: ['exec.attach', 'exec.create'], refused: [], state: 'passed' },
    { ...fake, used: ['exec.create'], refused: [], state: 'failed' },
    { ...fake, used: [], refused: ['containers.kernel'], state: 'passed' },
    { engine: 'oci', transport: 'unix', used: ['exec.attach'], refused: [], state: 'passed' },
  ])
  const row = (name: string) =>
    table
      .split('\n')
      .find((line) => line.startsWith(name))
      ?.split(/ {2,}/)
  expect(row('containers.kernel')?.[1]).toBe('no')
  expect(row('exec.create')?.[1]).toBe('FAILED')
  expect(row('exec.attach')?.slice(1)).toEqual(['ok', '-', '-', '-', '-', '-', '-', '-', '-', 'ok', '-', '-', '-', '-'])
  expect(table).toContain('- fake: it takes long (ssh)')
  expect(contractTable([])).toBe('')
})
