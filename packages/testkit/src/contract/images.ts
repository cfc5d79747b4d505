import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { codeOf, scope, sleeper } from './kit.ts'
import { movedTag } from './moved-tag.ts'
import type { Topic } from './topic.ts'

/** Images: what is there, and pulls of what is not. */
export const images: Topic = (test, own) => {
  test('lists and inspects', ['images.list', 'images.inspect'], async (kit) => {
    const { image, layers } = await kit.engine.images.inspect({ id: kit.subject.image }, scope)
    expect(layers).toHaveLength(image.layers)
    expect((await kit.engine.images.list({}, scope)).map((one) => one.id)).toContain(image.id)
    expect((await kit.engine.images.inspect({ id: image.id }, scope)).image.id).toBe(image.id)
    expect(await codeOf(kit.engine.images.inspect({ id: 'not/there:1' }, scope))).toBe('NOT_FOUND')
  })

  test('lets nobody remove an image that is used', ['images.remove', 'images.inspect'], async (kit) => {
    const { id } = await kit.create(sleeper)
    const { image } = await kit.engine.images.inspect({ id: kit.subject.image }, scope)
    expect(image.usedBy).toContain(id)
    expect(await codeOf(kit.engine.images.remove({ id: image.id }, scope))).toBe('CONFLICT')
    expect((await kit.engine.images.inspect({ id: image.id }, scope)).image.references).toEqual(image.references)
  })

  test(
    'pulls with progress, once for one operation, and removes',
    ['images.pull', 'images.remove', 'containers.create.pull'],
    async (kit) => {
      const { pullable, progressOf } = kit.subject
      if (pullable === undefined) return
      const { images } = kit.engine
      expect(await codeOf(images.inspect({ id: pullable }, scope))).toBe('NOT_FOUND')
      const operationId = `contract-${randomBytes(6).toString('hex')}`
      const pull = () => images.pull({ reference: pullable }, { ...scope, operationId })
      const [one, two] = await Promise.all([pull(), pull()])
      expect(two.image.id).toBe(one.image.id)
      expect((await images.list({}, scope)).map(({ id }) => id)).toContain(one.image.id)
      if (progressOf !== undefined) {
        const steps = (await progressOf(operationId)).filter(({ step }) => step === 'download')
        const items = new Set(steps.map(({ item }) => item))
        expect(items.size).toBeGreaterThan(0)
        for (const item of items) {
          const last = steps.filter((step) => step.item === item).at(-1)
          expect(['done', 'skipped']).toContain(last?.state)
        }
      }
      expect((await images.remove({ id: pullable }, scope)).deleted).toBe(one.image.id)
      expect(await codeOf(images.inspect({ id: pullable }, scope))).toBe('NOT_FOUND')
      const without = codeOf(kit.create('true', { image: pullable }))
      expect(await without).toBe('NOT_FOUND')
      const { id } = await kit.create('true', { image: pullable, pull: 'missing' })
      expect((await images.inspect({ id: pullable }, scope)).image.usedBy).toEqual([id])
      await kit.engine.containers.remove({ id }, scope)
      await images.remove({ id: pullable }, scope)
    },
  )

  movedTag(test, own)

  test('tells a bad reference from a missing tag', ['images.pull'], async (kit) => {
    const { pullable } = kit.subject
    expect(await codeOf(kit.engine.images.pull({ reference: 'NOT a reference' }, scope))).toBe('INVALID_ARGUMENT')
    if (pullable === undefined) return
    const missing = `${pullable.slice(0, pullable.lastIndexOf(':'))}:not-there`
    expect(await codeOf(kit.engine.images.pull({ reference: missing }, scope))).toBe('NOT_FOUND')
  })
}
