'use client'

import type { FleetContainer } from '@flotilla/protocol'
import { VerbButton } from '../../../noun-pages/verb-button.tsx'
import { VerbMenu } from '../../../noun-pages/verb-menu.tsx'
import type { Verb } from '../../../noun-pages/verb.ts'
import { verbStates, type ContainerVerb } from '../use-container-action.ts'

const shown: readonly { name: ContainerVerb; kind: 'primary' | 'secondary'; className: string }[] = [
  { name: 'start', kind: 'primary', className: '' },
  { name: 'unpause', kind: 'primary', className: '' },
  { name: 'stop', kind: 'secondary', className: '' },
  { name: 'restart', kind: 'secondary', className: 'max-md:hidden' },
  { name: 'remove', kind: 'secondary', className: 'max-md:hidden' },
]

/** What is done most to a container as it is now; the rest stands in the menu. */
export function ContainerActions(props: {
  container: FleetContainer
  verbs: readonly Verb<FleetContainer>[]
  busy: boolean
}) {
  const { container, verbs } = props
  return (
    <div className="flex items-center gap-1.5">
      {shown
        .filter(({ name }) => verbStates[name].has(container.state))
        .filter(({ name }) => name !== 'remove' || !verbStates.stop.has(container.state))
        .map(({ name, ...style }) => {
          const verb = verbs.find((each) => each.name === name)
          return verb ? <VerbButton key={name} verb={verb} row={container} disabled={props.busy} {...style} /> : null
        })}
      <VerbMenu row={container} name={container.name} verbs={[verbs]} />
    </div>
  )
}
