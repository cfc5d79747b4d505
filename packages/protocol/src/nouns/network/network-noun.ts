import { z } from 'zod'
import { cutLabels } from '../../cut-row.ts'
import { networkPermissions } from './network-permissions.ts'
import { networkView } from './network-view.ts'
import { Network, NetworkDetail, networkMethods, networkOptions } from './network.ts'
import { defineNoun } from '../../noun.ts'
import { containerKind } from '../container/container-kind.ts'

export const networkNoun = defineNoun({
  kind: 'network',
  plural: 'networks',
  held: 'watched',
  row: Network,
  detail: NetworkDetail,
  view: networkView,
  permissions: networkPermissions,
  methods: networkMethods,
  options: networkOptions,
  adds: {
    shape: { containerCount: z.number().int().nonnegative() },
    of: (_row, { users }) => ({ containerCount: users(containerKind) }),
  },
  shortened: (row) => ({ ...row, labels: cutLabels(row.labels) }),
})

/** A network with the platform's id. */
export const FleetNetwork = networkNoun.fleet
export type FleetNetwork = z.infer<typeof FleetNetwork>
