import { expect } from 'vitest'
import { during } from './events.ts'
import { type Kit, scope } from './kit.ts'
import type { Topic } from './topic.ts'

/** What becomes of an image whose tag is another's after a pull. */
export const movedTag: Topic = (test) => {
  const needs = ['images.pull', 'images.list', 'images.remove', 'events.watch']
  const body = async (kit: Kit) => {
    const { moving } = kit.subject
    if (moving === undefined) return
    const { images } = kit.engine
    const { reference } = moving
    const pull = async () => (await images.pull({ reference }, scope)).image
    const old = await pull()
    await moving.move()
    const hasTag = new Map<string, boolean>()
    await during(
      kit,
      async () => {
        expect((await pull()).id).not.toBe(old.id)
      },
      (event) => {
        if (event.kind === 'image') hasTag.set(event.id, event.row?.references.includes(reference) === true)
        return hasTag.get(old.id) === false && [...hasTag.values()].includes(true)
      },
    )
    const rows = await images.list({}, scope)
    expect(rows.find(({ id }) => id === old.id)?.references).not.toContain(reference)
    expect(rows.filter(({ references }) => references.includes(reference))).toHaveLength(1)
    await images.remove({ id: reference }, scope)
    if (rows.find(({ id }) => id === old.id)?.references.length === 0) await images.remove({ id: old.id }, scope)
  }
  // Alone, as others pull and remove the same images by other names.
  test('takes a moved tag from its old image at once', needs, body, { alone: true })
}
