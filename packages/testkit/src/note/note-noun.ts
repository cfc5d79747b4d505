import { definePagedNoun, natural, nouns, registryOf, unary } from '@flotilla/protocol'
import { z } from 'zod'

/** What is stuck to a container: a noun that the product does not know and that is asked for page by page. */
export const Note = z.object({
  id: z.string(),
  name: z.string(),
  colour: z.enum(['yellow', 'pink']),
  weight: z.number(),
})
export type Note = z.infer<typeof Note>

const target = { kind: 'container', field: 'id' } as const

/** Notes of one container that are looked through for a page. */
export const mostNotes = 1000

export const noteNoun = definePagedNoun({
  kind: 'note',
  plural: 'notes',
  parent: target,
  page: {
    permission: 'notes.read',
    path: '/containers/{id}/notes',
    summary: 'The notes on a side of a container, page by page',
    within: { side: z.enum(['front', 'back']).default('front') },
    bound: mostNotes,
  },
  row: Note,
  detail: z.object({ note: Note }),
  view: {
    title: ({ name }) => name,
    names: ({ name }) => [name],
    search: ({ name, colour }) => [name, colour],
    filters: {
      colour: {
        describe: 'Its colour',
        values: ['yellow', 'pink'],
        matching:
          (wanted) =>
          ({ colour }) =>
            colour === wanted,
      },
    },
    sorts: { name: natural(({ name }) => name), weight: ({ weight }) => weight },
  },
  permissions: {
    'notes.read': { role: 'operator', sentence: 'Read the notes on containers.' },
    'notes.write': { role: 'operator', sentence: 'Stick notes to containers.' },
  },
  methods: {
    stick: unary(
      z.object({ id: z.string().min(1).max(128), names: z.array(z.string().max(60)).max(2000) }),
      z.object({}),
      {
        permission: 'notes.write',
        change: true,
        target,
        rest: { method: 'POST', path: '/containers/{id}/notes', summary: 'Stick notes to its front' },
      },
    ),
  },
})

/** The product's nouns, and this one. */
export const nounsWithNote = registryOf([...Object.values(nouns), noteNoun])
