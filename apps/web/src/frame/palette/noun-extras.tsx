import type { FleetContainer, FleetHost } from '@flotilla/protocol'
import { StateDot } from '@flotilla/ui'
import type { ReactNode } from 'react'
import type { NounName, NounRow } from '../../navigation/nouns.ts'
import { toneOf } from '../../nouns/containers/container-state.ts'
import { ContainerCommands } from './container-commands.tsx'

/** What the palette shows of a noun beyond its icon and the way to its page. No noun needs any. */
export interface NounExtras {
  /** Stands before the name of one. */
  Sign?(props: { row: NounRow }): ReactNode
  /** Lines below the one that opens it. */
  Commands?(props: { row: NounRow }): ReactNode
}

export const nounExtras: Partial<Record<NounName, NounExtras>> = {
  containers: {
    Sign: ({ row }: { row: FleetContainer }) => <StateDot tone={toneOf(row)} />,
    Commands: ContainerCommands,
  },
  hosts: {
    Sign: ({ row }: { row: FleetHost }) => <StateDot tone={row.state === 'connected' ? 'ok' : 'unknown'} />,
  },
}
