import type { ExecSession } from '@flotilla/protocol'
import { expect, test } from 'vitest'
import { withSession } from './shells.ts'

const session = (id: string, state: ExecSession['state']) => ({ id, state }) as ExecSession

test('a new session stands in the list once, as it is now', () => {
  const made = session('b', 'running')
  const other = session('a', 'running')
  expect(withSession([other], made)).toEqual([other, made])
  expect(withSession([other, { ...made, exitCode: 0, state: 'exited' }], made)).toEqual([other, made])
})
