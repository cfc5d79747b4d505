export { createNetworks } from './networks.ts'
export { releaseSubnet } from './subnet.ts'
export type { NetworkOptions, NetworkSetup, Networks } from './types.ts'
