import type { FleetContainer } from '@flotilla/protocol'
import type { Tone } from '@flotilla/ui'

/** What the word of a state is made of; of a container that is only mentioned its state alone is known. */
export type StateOf = Pick<FleetContainer, 'state'> &
  Partial<Pick<FleetContainer, 'id' | 'exitCode' | 'oomKilled' | 'stateReason' | 'stateReasonFacts' | 'stale'>>

export type StateName = FleetContainer['state'] | 'failed'

/** The word of a state: one that ended with an error is said to have failed. */
export function stateName(container: StateOf): StateName {
  if (container.state === 'exited' && (container.oomKilled === true || isFailure(container.exitCode))) return 'failed'
  return container.state
}

const tones: Record<StateName, Tone> = {
  created: 'idle',
  running: 'ok',
  paused: 'paused',
  restarting: 'busy',
  removing: 'busy',
  exited: 'idle',
  failed: 'bad',
  unknown: 'unknown',
}

export function toneOf(container: StateOf): Tone {
  return tones[stateName(container)]
}

/** 143 and 137 are what a stopped container ends with; it did as it was told. */
function isFailure(exitCode: number | null | undefined): boolean {
  return typeof exitCode === 'number' && exitCode !== 0 && exitCode !== 143 && exitCode !== 137
}
