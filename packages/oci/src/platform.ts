import { fail } from '@flotilla/protocol'
import type { ImageConfig } from './image-config.ts'
import type { Index, IndexEntry } from './manifest.ts'

/** What an image runs on, in Go's words: `linux/amd64`, `linux/arm64/v8`. */
export interface Platform {
  os: string
  architecture: string
  variant?: string | undefined
}

const architectures: Record<string, Platform> = {
  x64: { os: 'linux', architecture: 'amd64' },
  arm64: { os: 'linux', architecture: 'arm64', variant: 'v8' },
  arm: { os: 'linux', architecture: 'arm', variant: 'v7' },
  ia32: { os: 'linux', architecture: '386' },
  ppc64: { os: 'linux', architecture: 'ppc64le' },
}

/** The platform of a Node process (`process.arch`). */
export function hostPlatform(nodeArchitecture: string): Platform {
  return architectures[nodeArchitecture] ?? { os: 'linux', architecture: nodeArchitecture }
}

/** Reads `os/architecture[/variant]`. Throws INVALID_ARGUMENT. */
export function parsePlatform(text: string): Platform {
  const [os, architecture, variant, ...more] = text.split('/')
  if (os === undefined || os === '' || architecture === undefined || architecture === '' || more.length > 0) {
    throw fail('image.badPlatform')
  }
  return { os, architecture, variant: variant === '' ? undefined : variant }
}

export function formatPlatform({ os, architecture, variant }: Platform): string {
  return variant === undefined || variant === '' ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`
}

/**
 * The manifest of an index for a platform: the same variant first, then one without, then for arm the highest below it.
 * An index with one image and no platforms gives that one. Throws NOT_FOUND with what the index has.
 */
export function choosePlatform(index: Index, wanted: Platform): IndexEntry {
  const images = index.manifests.filter((entry) => entry.platform?.os !== 'unknown')
  const only = images[0]
  if (only !== undefined && images.length === 1 && isNothing(only.platform)) return only
  const ranked = images
    .map((entry) => ({ entry, rank: isNothing(entry.platform) ? 0 : rankOf(entry.platform, wanted) }))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank)
  const best = ranked[0]
  if (best !== undefined) return best.entry
  const there = images.flatMap(({ platform }) =>
    isNothing(platform) ? [] : [formatPlatform({ ...platform, variant: platform.variant ?? undefined })],
  )
  if (there.length === 0) throw fail('image.noPlatforms', { wanted: formatPlatform(wanted) })
  throw fail('image.noPlatform', { wanted: formatPlatform(wanted), made: there.slice(0, 12).join(', ') })
}

/** Whether what an image config says of itself fits; the config decides, an index may err. */
export function fitsPlatform(config: ImageConfig, wanted: Platform): boolean {
  return config.os === wanted.os && config.architecture === wanted.architecture
}

function isNothing(value: unknown): value is null | undefined {
  return value === undefined || value === null
}

function rankOf(platform: NonNullable<IndexEntry['platform']>, wanted: Platform): number {
  if (platform.os !== wanted.os || platform.architecture !== wanted.architecture) return 0
  const has = platform.variant ?? ''
  if (has === (wanted.variant ?? '')) return 1000
  if (has === '') return 900
  const [hasLevel, wantedLevel] = [level(has), level(wanted.variant ?? '')]
  if (wanted.architecture === 'arm' || wanted.architecture === 'arm64') {
    return wantedLevel === 0 || hasLevel <= wantedLevel ? 100 + hasLevel : 0
  }
  return wantedLevel === 0 && hasLevel <= 1 ? 100 : hasLevel <= wantedLevel ? 100 + hasLevel : 0
}

function level(variant: string): number {
  return Number(/^v([0-9]{1,2})/.exec(variant)?.[1] ?? 0)
}
