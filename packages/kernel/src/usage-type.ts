import type { Stats } from '@flotilla/protocol'

/** What the cgroup alone can say: no time, no rate, no network. */
export type Usage = Omit<Stats, 'at' | 'cpuCores' | 'receivedBytes' | 'sentBytes'>
