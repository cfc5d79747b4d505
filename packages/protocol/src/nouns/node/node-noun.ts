import { z } from 'zod'
import { cutLabels } from '../../cut-row.ts'
import { unary } from '../../method.ts'
import { nodePermissions } from './node-permissions.ts'
import { nodeView } from './node-view.ts'
import { Node, NodeDetail } from './node.ts'
import { defineNoun } from '../../noun.ts'

const read = { permission: 'nodes.read' } as const

const methods = {
  list: unary(z.object({}), z.array(Node), read),
  inspect: unary(z.object({ id: z.string().min(1).max(128) }), NodeDetail, {
    ...read,
    target: { kind: 'node', field: 'id' },
    rest: { method: 'GET', path: '/nodes/{id}', summary: 'Everything about one node' },
  }),
}

export const nodeNoun = defineNoun({
  kind: 'node',
  plural: 'nodes',
  held: 'watched',
  row: Node,
  detail: NodeDetail,
  view: nodeView,
  permissions: nodePermissions,
  methods,
  problems: ({ name, state, stateReason }) =>
    state === 'ready'
      ? []
      : [
          {
            ...{ kind: 'node-not-ready', severity: 'critical', title: `The node ${name} is not ready`, since: null },
            cause: stateReason ?? 'Its engine does not say why.',
          },
        ],
  shortened: (row) => ({ ...row, labels: cutLabels(row.labels) }),
})

/** A node with the platform's id. */
export const FleetNode = nodeNoun.fleet
export type FleetNode = z.infer<typeof FleetNode>
