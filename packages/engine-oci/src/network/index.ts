export { makeContainerFiles } from './container-files.ts'
export { checkAttachment } from './endpoints.ts'
export { createNetworks } from './networks.ts'
export { pairPorts } from './port-pairs.ts'
export { inListOf, samePort } from './published-ports.ts'
export type { StoredNetwork } from './stored-network.ts'
export { releaseSubnet } from './subnet.ts'
export type {
  NetworkOptions,
  NetworkSetup,
  NetworkState,
  Networks,
  RunningContainer,
  RunningNetwork,
} from './types.ts'
