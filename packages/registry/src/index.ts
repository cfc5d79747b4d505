export { type AddressOptions, type AddressRules, createAddressRules } from './address-rules.ts'
export type { Credentials } from './authorizer.ts'
export {
  createFetcher,
  type Fetcher,
  type FetcherFactory,
  type FetcherOptions,
  type FetchRequest,
  type FetchResponse,
} from './fetcher.ts'
export { pushBlob, pushManifest } from './push.ts'
export { openRepository, type RemoteImage, type Repository, type RepositoryOptions } from './repository.ts'
