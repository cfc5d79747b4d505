import type { Engine } from '@flotilla/engine'
import { type Call, type PageQuery, pageOfRows } from '@flotilla/protocol'
import { createFakeEngine } from '../fake/engine.ts'
import { type Note, noteNoun } from './note-noun.ts'

/** The fake engine with handlers for notes beside its own: twelve are on each container, on its front. */
export function createNoteEngine(containers: number): Engine {
  const engine = createFakeEngine({ containers })
  const stuck = new Map<string, Map<string, Note>>()
  const notesOf = (container: string) => {
    const notes = stuck.get(container) ?? new Map(Array.from({ length: 12 }, (_, at) => entry(`note-${at}`)))
    stuck.set(container, notes)
    return notes
  }
  const mustBe = async (id: string, call: Call) => {
    await engine.containers?.inspect?.({ id }, call)
  }
  const handlers = {
    notes: {
      async list({ id, side, ...query }: PageQuery & { id: string; side: string }, call: Call) {
        await mustBe(id, call)
        return pageOfRows(noteNoun, query, side === 'front' ? notesOf(id).values() : [])
      },
      async stick({ id, names }: { id: string; names: string[] }, call: Call) {
        await mustBe(id, call)
        for (const name of names) notesOf(id).set(...entry(name))
        return {}
      },
    },
  }
  return { ...engine, ...handlers }
}

function entry(name: string): [string, Note] {
  const weight = name.length
  return [name, { id: `id of ${name}`, name, colour: weight % 2 === 0 ? 'pink' : 'yellow', weight }]
}
