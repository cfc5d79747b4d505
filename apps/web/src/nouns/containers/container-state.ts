import type { FleetContainer } from '@flotilla/protocol'
import type { Tone } from '@flotilla/ui'

export type StateName = FleetContainer['state'] | 'failed'

/** The word of a state: one that ended with an error is said to have failed. */
export function stateName(container: Pick<FleetContainer, 'state' | 'exitCode' | 'oomKilled'>): StateName {
  if (container.state === 'exited' && (container.oomKilled || isFailure(container.exitCode))) return 'failed'
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

export function toneOf(container: Pick<FleetContainer, 'state' | 'exitCode' | 'oomKilled'>): Tone {
  return tones[stateName(container)]
}

/** 143 and 137 are what a stopped container ends with; it did as it was told. */
function isFailure(exitCode: number | null): boolean {
  return exitCode !== null && exitCode !== 0 && exitCode !== 143 && exitCode !== 137
}
