import { StateDot } from '@flotilla/ui'
import type { ComponentProps } from 'react'
import { Ago } from '../format/values.tsx'
import { EngineName } from '../nouns/hosts/engine-name.tsx'

type Row = ComponentProps<typeof EngineName>['of'] & { hostName: string; stale: boolean; observedAt: string }

/** Where a row's thing is; while its host is away, how old what is known of it is instead of the engine. */
export function HostCell({ row }: { row: Row }) {
  return (
    <span className="text-muted">
      {row.hostName}{' '}
      {row.stale ? (
        <Seen row={row} />
      ) : (
        <span className="text-faint">
          <EngineName of={row} />
        </span>
      )}
    </span>
  )
}

/** The same on a phone, where it is the host's name alone. */
export function HostLine({ row }: { row: Row }) {
  return (
    <span className="shrink-0">
      {row.hostName} {row.stale ? <Seen row={row} /> : null}
    </span>
  )
}

function Seen({ row }: { row: Row }) {
  return (
    <span className="text-unknown">
      <StateDot tone="unknown" className="mr-1 inline size-2" />
      <Ago at={row.observedAt} />
    </span>
  )
}
