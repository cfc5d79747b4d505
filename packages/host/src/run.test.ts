import { expect, test } from 'vitest'
import { run } from './run.ts'

test('what does not end in time is killed, named, and no longer waited for, also where what it started holds its output', async () => {
  const began = performance.now()
  // The shell is killed; the other one, which has its output too, is nobody's then and ends by itself.
  const hanging = run(['sh', '-c', 'sleep 20 & wait'], { timeoutMs: 200 })
  await expect(hanging).rejects.toMatchObject({ code: 'TIMEOUT', kind: 'host.programSlow', params: { program: 'sh' } })
  expect(performance.now() - began).toBeLessThan(10_000)
})
