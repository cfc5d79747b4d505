import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { definedKinds, errorKinds, findErrorKind } from './catalog.ts'
import { ErrorFacts, ErrorInfo, namedContainers } from './error-info.ts'
import { fail, toFlotillaError } from './fail.ts'
import { FlotillaError } from './flotilla-error.ts'

describe('the catalog of errors', () => {
  test.each(Object.entries(errorKinds))(
    '%s has a name that travels and a sentence for a person',
    (kind, { sentence }) => {
      expect(ErrorFacts.safeParse({ kind }).success).toBe(true)
      expect(sentence).toMatch(/^(\p{L}|\{|")/u)
      expect(sentence).toMatch(/[.?})]$/)
      expect(sentence.replace(/\{[a-z][A-Za-z]*\}/g, '')).not.toMatch(/[{}]/)
    },
  )

  test('has no name in two areas', () => {
    expect(Object.keys(errorKinds)).toHaveLength(definedKinds)
  })

  test('says without a number what counts users, in words of the same parameters', () => {
    const counting = Object.entries(errorKinds).flatMap(([kind]) => {
      const { sentence = '', code, counts } = findErrorKind(kind) ?? {}
      return counts === undefined ? [] : [{ kind, sentence, code, counts }]
    })
    const placeholders = (sentence: string) => sentence.match(/\{\w+\}/g) ?? []
    for (const { kind, sentence, code, counts } of counting) {
      const other = findErrorKind(counts.uncounted)
      expect([kind, other?.code, placeholders(sentence)]).toEqual([kind, code, expect.arrayContaining(['{count}'])])
      const left = placeholders(sentence).filter((name) => name !== '{count}')
      expect([kind, placeholders(other?.sentence ?? '')]).toEqual([kind, left])
    }
    expect(counting.map(({ kind }) => kind)).toEqual(
      Object.keys(errorKinds).filter((kind) => /^(image|network|volume)\.inUse/.test(kind)),
    )
  })

  test('says without what tells of its objects the same in words of the other parameters', () => {
    const placeholders = (sentence = '') => sentence.match(/\{\w+\}/g) ?? []
    const telling = Object.keys(errorKinds).filter((kind) => findErrorKind(kind)?.tells !== undefined)
    for (const kind of telling) {
      const { sentence, code, tells } = findErrorKind(kind) ?? {}
      const left = (tells?.params ?? []).map((name) => `{${name}}`)
      const other = findErrorKind(tells?.unseen ?? '')
      expect([kind, other?.code, placeholders(sentence)]).toEqual([kind, code, expect.arrayContaining(left)])
      expect(placeholders(other?.sentence)).toEqual(placeholders(sentence).filter((name) => !left.includes(name)))
    }
    expect(telling).not.toEqual([])
  })

  test('knows nothing that is not in it', () => {
    expect(findErrorKind('toString')).toBeUndefined()
  })
})

describe('an error', () => {
  test('is made from its kind and parameters', () => {
    const error = fail('call.usage', { usage: 'name: {name} $& is odd' }, { field: ['name'], detail: 'seen' })
    expect(error.toInfo()).toEqual({
      code: 'INVALID_ARGUMENT',
      kind: 'call.usage',
      params: { usage: 'name: {name} $& is odd' },
      field: ['name'],
      message: 'name: {name} $& is odd',
      detail: 'seen',
    })
    expect(FlotillaError.fromInfo(ErrorInfo.parse(error.toInfo())).toInfo()).toEqual(error.toInfo())
  })

  test('tells a caller all but its detail', () => {
    expect(fail('call.cancelled', {}, { detail: 'seen' }).reported()).toEqual({
      code: 'CANCELLED',
      kind: 'call.cancelled',
      message: 'The call was cancelled.',
    })
  })

  test('of an input names the path of its first issue', () => {
    const { error } = z.object({ name: z.string(), mounts: z.array(z.object({ source: z.string() })) }).safeParse({
      name: 'web',
      mounts: [{ source: 'a' }, {}],
    })
    expect(toFlotillaError(error)).toMatchObject({
      kind: 'input.missing',
      params: { field: 'mounts.1.source' },
      field: ['mounts', 1, 'source'],
      message: 'mounts.1.source is missing.',
    })
    expect(toFlotillaError(z.string().safeParse(1).error).field).toBeUndefined()
  })

  test('of whatever was thrown keeps its text for the log alone', () => {
    const error = toFlotillaError(new Error('secret place'))
    expect(JSON.stringify(error.reported())).not.toContain('secret place')
    expect(error.detail).toContain('secret place')
  })

  test('names no more of those that use something than travel with it', () => {
    const objects = namedContainers(Array.from({ length: 100 }, (_, at) => `c${at}`))
    expect(objects[0]).toEqual({ kind: 'container', id: 'c0' })
    const error = fail('volume.inUse', { name: 'data', count: 100 }, { objects })
    expect(ErrorInfo.parse(error.toInfo()).objects).toEqual(objects)
    expect(ErrorInfo.safeParse({ ...error.toInfo(), objects: [...objects, ...objects] }).success).toBe(false)
  })

  test('read from an old journal has neither kind nor field', () => {
    const error = FlotillaError.fromInfo(ErrorInfo.parse({ code: 'CONFLICT', message: 'Taken.' }))
    expect(error.reported()).toEqual({ code: 'CONFLICT', message: 'Taken.' })
  })
})
