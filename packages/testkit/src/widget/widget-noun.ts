import { defineNoun, natural, nouns, registryOf, unary, Version } from '@flotilla/protocol'
import { z } from 'zod'

/** What nobody needs: a noun that the product does not know, by which a test sees that nothing knows nouns by name. */
export const Widget = z.object({
  id: z.string(),
  engine: z.string(),
  name: z.string(),
  colour: z.enum(['red', 'green']),
  labels: z.record(z.string(), z.string()),
  /** The container that it is glued to. */
  container: z.string().nullable(),
})
export type Widget = z.infer<typeof Widget>

const one = z.object({ id: z.string().min(1).max(128) })
const target = { kind: 'widget', field: 'id' } as const
const Changed = z.object({ widget: Widget, version: Version.optional() })
const Detail = z.object({ widget: Widget, notes: z.array(z.string()) })

const methods = {
  list: unary(z.object({}), z.array(Widget), { permission: 'widgets.read' }),
  inspect: unary(one, Detail, {
    permission: 'widgets.read',
    target,
    rest: { method: 'GET', path: '/widgets/{id}', summary: 'Everything about one widget' },
  }),
  make: unary(z.object({ name: z.string().max(60), sharp: z.boolean().default(false) }), Changed, {
    permission: 'widgets.make',
    change: true,
    answers: 'row',
    causes: ['make'],
    title: ({ name }) => name,
    privileged: { permission: 'widgets.make.sharp', reasons: ({ sharp }) => (sharp ? ['sharp edges'] : []) },
    rest: { method: 'POST', path: '/hosts/{hostId}/widgets', summary: 'Make a widget' },
  }),
  paint: unary(one.extend({ colour: Widget.shape.colour }), Changed, {
    permission: 'widgets.make',
    change: true,
    target,
    answers: 'row',
    causes: ['paint'],
    rest: { method: 'POST', path: '/widgets/{id}/paint', summary: 'Give it another colour' },
  }),
  remove: unary(one, z.object({ version: Version.optional() }), {
    permission: 'widgets.make',
    change: true,
    target,
    answers: 'gone',
    causes: ['destroy'],
    rest: { method: 'DELETE', path: '/widgets/{id}', summary: 'Remove it' },
  }),
}

export const widgetNoun = defineNoun({
  kind: 'widget',
  plural: 'widgets',
  held: 'watched',
  row: Widget,
  detail: Detail,
  methods,
  view: {
    title: ({ name }) => name,
    names: ({ name }) => [name],
    search: ({ name, colour }) => [name, colour],
    filters: {
      colour: {
        describe: 'Its colour',
        matching:
          (wanted) =>
          ({ colour }) =>
            colour === wanted,
      },
    },
    sorts: { name: natural(({ name }) => name), colour: ({ colour }) => colour },
    counts: { filter: 'colour', initial: ['red', 'green'], of: ({ colour }) => colour },
  },
  permissions: {
    'widgets.read': { role: 'viewer', sentence: 'See widgets.' },
    'widgets.make': { role: 'operator', sentence: 'Make and paint widgets.' },
    'widgets.make.sharp': { role: 'admin', sentence: 'Make widgets with sharp edges.' },
  },
  refs: ({ container }) => (container === null ? [] : [{ kind: 'container', id: container }]),
  problems: ({ name, colour }) =>
    colour === 'red'
      ? [{ kind: 'red', severity: 'warning', title: `${name} is red`, cause: 'Paint.', since: null }]
      : [],
})

/** The product's nouns, and this one. */
export const nounsWithWidget = registryOf([...Object.values(nouns), widgetNoun])
