import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { withDeadline } from './index.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

test('a deadline comes though garbage is collected meanwhile', async () => {
  const late = withDeadline(new AbortController().signal, 200)
  const collecting = setInterval(collectGarbage, 20)
  await new Promise((resolve) => late.addEventListener('abort', resolve, { once: true }))
  clearInterval(collecting)
  expect(late.reason).toMatchObject({ name: 'TimeoutError' })
})

test('the signal’s own abort comes first where it is first, with its reason', () => {
  const first = new AbortController()
  const late = withDeadline(first.signal, 60_000)
  first.abort(new Error('enough'))
  expect(late.reason).toMatchObject({ message: 'enough' })
  expect(withDeadline(first.signal, 60_000).aborted).toBe(true)
})
