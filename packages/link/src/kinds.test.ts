import { expect, test } from 'vitest'
import { connect } from './connect.ts'
import { memoryPair } from './memory.ts'
import { serve } from './serve.ts'
import { testService } from './testing/service.ts'
import { testMethods } from './testing/table.ts'

test('first', async () => {
  const [a, b] = memoryPair()
  const { service } = testService()
  const session = serve(a, { find: (name) => (name === 'test' ? service : undefined), hello: { version: '1.0' } })
  const link = await connect(b, { hello: { version: '2.0' } })
  const client = link.client('test', testMethods)
  expect(await client.echo.say({ text: 'hi' })).toEqual({ text: 'hi' })
  const lines = []
  for await (const batch of client.lines.follow({ count: 100 })) lines.push(...batch)
  expect(lines.length).toBe(100)
  link.close()
  expect((await link.closed).code).toBe('CANCELLED')
  expect((await session.closed).code).toBe('UNAVAILABLE')
})
