import { defineNoun, natural, nouns, registryOf, unary } from '@flotilla/protocol'
import { z } from 'zod'

/** What the platform holds in its database: a noun that the product does not know, by which a test sees what derives. */
export const Rule = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(['on', 'off']),
  labels: z.record(z.string(), z.string()),
  /** The container that it watches, by the platform's id. */
  container: z.string().nullable(),
})
export type Rule = z.infer<typeof Rule>

const one = z.object({ id: z.string().min(1).max(128) })
const target = { kind: 'rule', field: 'id' } as const
const Changed = z.object({ rule: Rule })
const Detail = z.object({ rule: Rule, text: z.string() })
const fields = z.object({
  name: z.string().min(1).max(60),
  text: z.string().max(10_000),
  container: z.string().max(128).nullable().default(null),
  /** It may stop what it watches. */
  stops: z.boolean().default(false),
})

const methods = {
  list: unary(z.object({}), z.array(Rule), { permission: 'rules.read' }),
  inspect: unary(one, Detail, {
    permission: 'rules.read',
    target,
    rest: { method: 'GET', path: '/rules/{id}', summary: 'Everything about one rule' },
  }),
  create: unary(fields, Changed, {
    permission: 'rules.write',
    change: true,
    answers: 'row',
    title: ({ name }) => name,
    privileged: { permission: 'rules.write.stops', reasons: ({ stops }) => (stops ? ['stops containers'] : []) },
    rest: { method: 'POST', path: '/rules', summary: 'Make a rule' },
  }),
  turn: unary(one.extend({ state: Rule.shape.state, revision: z.number().int().optional() }), Changed, {
    permission: 'rules.write',
    change: true,
    target,
    answers: 'row',
    rest: { method: 'POST', path: '/rules/{id}/turn', summary: 'Turn it on or off' },
  }),
  remove: unary(one, z.object({}), {
    permission: 'rules.write',
    change: true,
    target,
    answers: 'gone',
    rest: { method: 'DELETE', path: '/rules/{id}', summary: 'Remove it' },
  }),
}
export type RuleFields = z.infer<typeof fields>

export const ruleNoun = defineNoun({
  kind: 'rule',
  plural: 'rules',
  held: 'platform',
  row: Rule,
  detail: Detail,
  methods,
  view: {
    title: ({ name }) => name,
    names: ({ name }) => [name],
    search: ({ name }) => [name],
    filters: {
      state: {
        describe: 'On or off',
        matching:
          (wanted) =>
          ({ state }) =>
            state === wanted,
      },
    },
    sorts: { name: natural(({ name }) => name) },
    counts: { filter: 'state', initial: ['on', 'off'], of: ({ state }) => state },
  },
  permissions: {
    'rules.read': { role: 'viewer', sentence: 'See rules.' },
    'rules.write': { role: 'operator', sentence: 'Make and change rules.' },
    'rules.write.stops': { role: 'admin', sentence: 'Make rules that stop containers.' },
  },
  unique: ({ name }) => name,
  refs: ({ container }) => (container === null ? [] : [{ kind: 'container', id: container }]),
  problems: ({ name, state }) =>
    state === 'off'
      ? [{ kind: 'off', severity: 'warning', title: `${name} is off`, cause: 'Turned.', since: null }]
      : [],
})

/** The product's nouns, and this one. */
export const nounsWithRule = registryOf([...Object.values(nouns), ruleNoun])
