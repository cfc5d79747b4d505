import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { Sealer } from './sealer.ts'

test('what is sealed is opened by the same key for the same owner alone', () => {
  const sealer = new Sealer(randomBytes(32))
  const sealed = sealer.seal('operation-1', { env: { TOKEN: 'very-secret' } })
  expect(Buffer.from(sealed).toString('latin1')).not.toContain('very-secret')
  expect(sealer.open('operation-1', sealed)).toEqual({ env: { TOKEN: 'very-secret' } })
  const conflict = expect.objectContaining({ code: 'CONFLICT' }) as Error
  expect(() => sealer.open('operation-2', sealed)).toThrow(conflict)
  expect(() => new Sealer(randomBytes(32)).open('operation-1', sealed)).toThrow(conflict)
  expect(() => sealer.open('operation-1', sealed.with(30, (sealed[30] ?? 0) ^ 1))).toThrow(conflict)
  expect(() => sealer.open('operation-1', new Uint8Array(3))).toThrow(conflict)
})
