import { MutationObserver, onlineManager } from '@tanstack/react-query'
import { afterEach, expect, test } from 'vitest'
import { createQueryClient } from './query-client.ts'

afterEach(() => onlineManager.setOnline(true))

test('a browser that calls itself offline asks and changes all the same', async () => {
  onlineManager.setOnline(false)
  const client = createQueryClient()
  expect(await client.fetchQuery({ queryKey: ['asked'], queryFn: () => 'answered' })).toBe('answered')
  const change = new MutationObserver(client, { mutationFn: () => Promise.resolve('changed') })
  expect(await change.mutate()).toBe('changed')
})
