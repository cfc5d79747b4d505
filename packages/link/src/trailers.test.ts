import { FlotillaError, fail, toFlotillaError } from '@flotilla/protocol'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { fromTrailers, toTrailers } from './trailers.ts'

function travelled(error: FlotillaError): FlotillaError | undefined {
  const trailers = toTrailers(error)
  for (const value of Object.values(trailers)) expect(String(value)).toMatch(/^[ -~]*$/)
  return fromTrailers(trailers as Record<string, string>)
}

const reported = (error: FlotillaError | undefined) => error?.reported()

describe('an error in the trailers', () => {
  test('arrives with its kind, its parameters, its field and its objects', () => {
    const error = fail('call.usage', { usage: 'käse 🧀\n' }, { field: ['ports', 0], objects: [{ kind: 'x', id: 'ä' }] })
    expect(reported(travelled(error))).toEqual(error.reported())
  })

  test('of an input names the field of its first issue', () => {
    const parsed = z.object({ ports: z.array(z.object({ hostPort: z.number() })) }).safeParse({ ports: [{}] })
    expect(travelled(toFlotillaError(parsed.error))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      kind: 'input.missing',
      params: { field: 'ports.0.hostPort' },
      field: ['ports', 0, 'hostPort'],
    })
  })

  test('stays in a small header block, however much it says', () => {
    const long = '\u0001'.repeat(100_000)
    const objects = Array.from({ length: 20 }, () => ({ kind: 'container', id: 'ä'.repeat(1000) }))
    const params = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`p${at}`, long]))
    const error = new FlotillaError('CONFLICT', long, { kind: 'call.usage', params, field: ['name'], objects })
    expect(JSON.stringify(toTrailers(error)).length).toBeLessThan(15_000)
    expect(travelled(error)).toMatchObject({ code: 'CONFLICT', kind: undefined, field: ['name'] })
    expect(travelled(error.with({ params: { usage: 'short' } }))).toMatchObject({ kind: 'call.usage', objects: [] })
  })

  test('of an older side is its code and its sentence as it came', () => {
    expect(reported(fromTrailers({ code: 'CONFLICT', message: encodeURIComponent('Käse ist aus.') }))).toEqual({
      code: 'CONFLICT',
      message: 'Käse ist aus.',
    })
  })

  test.each(['{', '[]', '{"kind":"no kind"}', '{"params":{"a":[]}}', '{"field":"name"}', `"${'x'.repeat(5000)}"`])(
    'with facts that are none (%.20s) is its code and its sentence',
    (facts) => {
      expect(reported(fromTrailers({ code: 'CONFLICT', message: 'It', facts }))).toEqual({
        code: 'CONFLICT',
        message: 'It',
      })
    },
  )
})
