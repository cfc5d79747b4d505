import { afterEach, expect, test, vi } from 'vitest'
import { ClientError, errorDetails } from './error.ts'

afterEach(() => vi.unstubAllGlobals())

test('what one pastes into a report names the page and not the token of the set-up link', () => {
  vi.stubGlobal('window', { location: new URL('https://fleet.example/setup?a=b#token=secret') })
  const details = errorDetails(new ClientError({ code: 'UNAVAILABLE', message: 'No answer.' }))
  expect(JSON.parse(details)).toMatchObject({
    code: 'UNAVAILABLE',
    message: 'No answer.',
    page: 'https://fleet.example/setup?a=b',
  })
  expect(details).not.toContain('secret')
})

test('of a failure that nobody reported the details say where it happened', () => {
  vi.stubGlobal('window', { location: new URL('https://fleet.example/volumes') })
  const [bug, reported] = [new TypeError('x is null'), new ClientError({ code: 'TIMEOUT', message: 'Too late.' })]
  const details = JSON.parse(errorDetails(bug)) as Record<string, unknown>
  expect(details).toMatchObject({ code: 'INTERNAL', message: 'x is null' })
  expect(details['stack']).toContainEqual(expect.stringContaining('error.test.ts'))
  expect(JSON.parse(errorDetails(reported))).not.toHaveProperty('stack')
})
