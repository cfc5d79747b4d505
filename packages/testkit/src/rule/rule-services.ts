import type { ObjectStore, ServiceCall, Services } from '@flotilla/protocol'
import type { Rule, RuleFields } from './rule-noun.ts'

/** The work of the rule's methods. */
export const ruleServices: Services = {
  rules: {
    create: async ({ name, text, container }: RuleFields, call: ServiceCall) => {
      const { row } = await rulesOf(call).create({ name, container, state: 'on', labels: {} }, { text })
      return { rule: row }
    },
    turn: async ({ id, state, revision }: Pick<Rule, 'id' | 'state'> & { revision?: number }, call: ServiceCall) => {
      const { row } = await rulesOf(call).change(id, { row: { state }, revision })
      return { rule: row }
    },
    remove: async ({ id }: { id: string }, call: ServiceCall) => {
      await rulesOf(call).remove(id)
      return {}
    },
  },
}

function rulesOf({ objects }: ServiceCall): ObjectStore<Rule, { text: string }> {
  return objects as unknown as ObjectStore<Rule, { text: string }>
}
