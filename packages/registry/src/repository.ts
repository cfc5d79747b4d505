import {
  checkLayers,
  choosePlatform,
  type Descriptor,
  digestOf,
  fitsPlatform,
  formatPlatform,
  isDigest,
  type ImageConfig,
  type Manifest,
  manifestAccept,
  maxDocumentBytes,
  parseImageConfig,
  parseManifest,
  type Platform,
  platformOf,
  type Reference,
  registryHost,
} from '@flotilla/oci'
import { fail } from '@flotilla/protocol'
import { type Authorizer, createAuthorizer, type Credentials } from './authorizer.ts'
import { readBlob } from './blob.ts'
import { decoded } from './content-encoding.ts'
import { lied } from './errors.ts'
import { createFetcher, type FetcherFactory } from './fetcher.ts'
import { readBounded } from './read-bounded.ts'
import { Requester, type RetryOptions } from './requester.ts'

export interface RepositoryOptions extends RetryOptions {
  /** Used for this session and kept nowhere else. */
  credentials?: Credentials | undefined
  /** How connections are made, and to where; the address rules live there. */
  fetcher?: FetcherFactory
  /** Whether it will be pushed to, so that tokens are asked for with that right. */
  push?: boolean
}

/** An image as a registry has it for one platform. */
export interface RemoteImage {
  /** Of what the reference named: the index, where there is one. */
  digest: string
  manifestDigest: string
  manifest: Manifest
  manifestBytes: Buffer
  config: ImageConfig
  configBytes: Buffer
}

/** One session with one repository of a registry. Close it to let go of connections and login. */
export interface Repository {
  readonly requester: Requester
  readonly path: string
  /** Resolves a tag or digest to the image of a platform; manifests and config are verified. */
  image(reference: Reference, platform: Platform, signal: AbortSignal): Promise<RemoteImage>
  blob(descriptor: Descriptor, signal: AbortSignal): AsyncIterable<Uint8Array>
  close(): void
}

/** Opens a session by the OCI distribution-spec; nothing is sent before the first request. */
export function openRepository(
  { domain, path }: Pick<Reference, 'domain' | 'path'>,
  options: RepositoryOptions = {},
): Repository {
  const host = registryHost(domain)
  const fetcher = (options.fetcher ?? ((registry) => createFetcher(registry)))(host)
  const scope = `repository:${path}:pull${options.push === true ? ',push' : ''}`
  const auth: Authorizer = createAuthorizer(fetcher, host, options.credentials, scope)
  const requester = new Requester(fetcher, host, auth, options)

  async function document(target: string, what: string, signal: AbortSignal) {
    const response = await requester.send({
      path: `/v2/${path}/manifests/${target}`,
      headers: { accept: manifestAccept.join(', ') },
      what,
      accept: [200],
      signal,
    })
    const bytes = await readBounded(decoded(response, host), maxDocumentBytes)
    const digest = digestOf(bytes)
    const claimed = isDigest(target) ? target : response.headers['docker-content-digest']
    if (claimed?.startsWith('sha256:') === true && claimed !== digest) {
      throw lied(host, `another manifest than it promised for ${what}`)
    }
    return { bytes, digest, parsed: parseManifest(bytes, response.headers['content-type']) }
  }

  async function config(descriptor: Descriptor, signal: AbortSignal): Promise<Buffer> {
    if (descriptor.size > maxDocumentBytes) {
      throw fail('image.configTooLarge')
    }
    return readBounded(readBlob(requester, path, descriptor, signal), maxDocumentBytes)
  }

  return {
    requester,
    path,
    async image(reference, platform, signal) {
      const target = reference.digest ?? reference.tag ?? 'latest'
      const what = `${isDigest(target) ? 'image' : 'tag'} ${target} of ${path}`
      const top = await document(target, what, signal)
      const entry = top.parsed.kind === 'index' ? choosePlatform(top.parsed.index, platform) : undefined
      const own = entry === undefined ? top : await document(entry.digest, what, signal)
      if (own.parsed.kind !== 'manifest') {
        throw fail('image.indexOfIndexes')
      }
      const { manifest } = own.parsed
      const configBytes = await config(manifest.config, signal)
      const parsed = parseImageConfig(configBytes)
      if (!fitsPlatform(parsed, platform)) {
        throw fail('image.otherPlatform', {
          made: formatPlatform({ os: parsed.os, architecture: parsed.architecture }),
          wanted: formatPlatform(platform),
        })
      }
      checkLayers(manifest, parsed)
      return {
        digest: top.digest,
        manifestDigest: own.digest,
        manifest,
        manifestBytes: own.bytes,
        config: { ...parsed, ...platformOf(parsed, platform) },
        configBytes,
      }
    },
    blob: (descriptor, signal) => readBlob(requester, path, descriptor, signal),
    close: () => fetcher.close(),
  }
}
