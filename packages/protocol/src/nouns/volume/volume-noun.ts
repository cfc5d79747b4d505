import { z } from 'zod'
import { cutLabels } from '../../cut-row.ts'
import { defineNoun } from '../../noun.ts'
import { volumePermissions } from './volume-permissions.ts'
import { volumeView } from './volume-view.ts'
import { Volume, VolumeDetail, volumeMethods, volumeOptions } from './volume.ts'
import { containerKind } from '../container/container-kind.ts'

export const volumeNoun = defineNoun({
  kind: 'volume',
  plural: 'volumes',
  held: 'watched',
  row: Volume,
  detail: VolumeDetail,
  view: volumeView,
  permissions: volumePermissions,
  methods: volumeMethods,
  options: volumeOptions,
  adds: {
    shape: { containerCount: z.number().int().nonnegative() },
    of: (_row, { users }) => ({ containerCount: users(containerKind) }),
  },
  shortened: (row) => ({ ...row, labels: cutLabels(row.labels) }),
})

/** A volume with the platform's id. */
export const FleetVolume = volumeNoun.fleet
export type FleetVolume = z.infer<typeof FleetVolume>
