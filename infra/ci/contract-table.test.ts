import { expect, test } from 'vitest'
import { contractTable } from './contract-table.mjs'

test('shows what works, what is refused, what failed and what was not run', () => {
  const fake = { engine: 'fake', transport: 'straight', notRun: { ssh: 'it takes long' } }
  const table = contractTable([
    { ...fake, used: ['exec.attach', 'exec.create'], refused: [], state: 'passed' },
    { ...fake, used: ['exec.create'], refused: [], state: 'failed' },
    { ...fake, used: [], refused: ['containers.kernel'], state: 'passed' },
    { engine: 'oci', transport: 'joined', depth: 'way', used: ['exec.attach'], refused: [], state: 'passed' },
    { engine: 'oci', transport: 'unix', used: ['exec.create'], refused: [], state: 'passed' },
  ])
  const row = (name: string) =>
    table
      .split('\n')
      .find((line) => line.startsWith(name))
      ?.split(/ {2,}/)
  expect(row('containers.kernel')?.[1]).toBe('no')
  expect(row('exec.attach')?.slice(1)).toEqual(['ok', 'ok', '-'])
  expect(row('exec.create')?.slice(1)).toEqual(['FAILED', '-', 'ok'])
  expect(table).toContain('- fake: it takes long (ssh)')
  expect(table).toMatch(/^- The way alone: .* \(oci joined\)$/m)
  expect(contractTable([])).toBe('')
})
