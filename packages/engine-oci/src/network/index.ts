export { createNetworks } from './networks.ts'
export { releaseSubnet } from './subnet.ts'
export type { NetworkOptions, NetworkRequest, NetworkSetup, Networks } from './types.ts'
