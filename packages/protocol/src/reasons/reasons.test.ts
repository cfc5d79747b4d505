import { describe, expect, test } from 'vitest'
import { findErrorKind } from '../errors/catalog.ts'
import { fail } from '../errors/fail.ts'
import { FlotillaError } from '../errors/flotilla-error.ts'
import { outOfMemory } from '../nouns/container/out-of-memory.ts'
import { because, becauseOf, reasonFields, reasonSentence } from './because.ts'
import { findReasonKind, reasonKinds } from './catalog.ts'
import { StoredReason, Reason } from './reason.ts'

describe('the catalog of reasons', () => {
  test.each(Object.entries(reasonKinds))('%s has a name that travels and a sentence for a person', (kind, sentence) => {
    expect(Reason.safeParse({ kind }).success).toBe(true)
    expect(sentence).toMatch(/^(\p{Lu}|\{)/u)
    expect(sentence).toMatch(/[.}]$/)
    expect(sentence.replace(/\{[a-z][A-Za-z]*\}/g, '')).not.toMatch(/[{}]/)
  })

  test('has no name of an error, by which a failure tells as a reason', () => {
    expect(Object.keys(reasonKinds).filter((kind) => findErrorKind(kind) !== undefined)).toEqual([])
  })

  test('knows nothing that is not in it', () => {
    expect(findReasonKind('toString')).toBeUndefined()
  })
})

describe('a reason', () => {
  test('is told as its English sentence, with what that is made of beside it', () => {
    const reason = because('container.notStartedAgain', { message: 'No {room} $& left.' })
    expect(reasonFields('stateReason', reason)).toEqual({
      stateReason: 'It could not be started again: No {room} $& left.',
      stateReasonFacts: { kind: 'container.notStartedAgain', params: { message: 'No {room} $& left.' } },
    })
    expect(reasonFields('reason', because('container.removed'))).toEqual({
      reason: 'The container was removed.',
      reasonFacts: { kind: 'container.removed' },
    })
  })

  test('of an older record is its sentence alone, and none is no field', () => {
    const stored = StoredReason.parse('It ended with the host.')
    expect(reasonFields('reason', stored)).toEqual({ reason: 'It ended with the host.' })
    expect(reasonFields('reason', null)).toEqual({})
    expect(reasonFields('reason', undefined)).toEqual({})
  })

  test('that is a failure has the kind and the parameters of that', () => {
    const missing = fail('container.notFound', { ref: 'web' })
    expect(becauseOf(missing)).toEqual({ kind: 'container.notFound', params: { ref: 'web' } })
    expect(reasonSentence(becauseOf(missing))).toBe(missing.message)
    expect(becauseOf(fail('call.cancelled'))).toEqual({ kind: 'call.cancelled' })
    expect(becauseOf(new FlotillaError('CONFLICT', 'Taken.'))).toBe('Taken.')
  })

  test('is read again however long what stands in it was', () => {
    const words = `${'x'.repeat(3999)}😀 and so on`
    for (const reason of [
      because('container.engineSays', { words }),
      becauseOf(fail('runtime.failed', { message: words })),
    ]) {
      expect(StoredReason.parse(JSON.parse(JSON.stringify(reason)))).toEqual(reason)
      expect(reasonSentence(reason)).toMatch(/xx$/)
    }
  })

  test('that a newer version kept says that it is not known here', () => {
    expect(reasonSentence({ kind: 'container.newer' })).toMatch(/does not know: container\.newer\.$/)
  })

  test('for want of memory names the limit, to a tenth of a MiB, where there is one', () => {
    expect(reasonSentence(outOfMemory(32 * 1024 ** 2))).toBe('Killed by its own 32 MiB limit of memory.')
    expect(outOfMemory(1.55 * 1024 ** 2).params).toEqual({ mebibytes: 1.6 })
    expect(reasonSentence(outOfMemory(undefined))).toMatch(/the host ran out of memory/)
  })
})
