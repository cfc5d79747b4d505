import { fail } from '@flotilla/protocol'
import { isDigest } from './digest.ts'
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

/** Other names of the same, as Docker and containerd read them. */
const spellings: Record<string, Omit<Platform, 'os'>> = {
  x86_64: { architecture: 'amd64' },
  'x86-64': { architecture: 'amd64' },
  i386: { architecture: '386' },
  aarch64: { architecture: 'arm64' },
  armhf: { architecture: 'arm', variant: 'v7' },
  armel: { architecture: 'arm', variant: 'v6' },
}

/** A platform in Go's words, whatever case or name somebody wrote it in. What is not said stays empty. */
function inGoWords({ os, architecture, variant }: Platform): Platform {
  const name = architecture.toLowerCase()
  const spelt = Object.hasOwn(spellings, name) ? spellings[name] : undefined
  return { os: os.toLowerCase(), architecture: name, variant, ...spelt }
}

/**
 * The manifest of an index for a platform: the same variant first, then one without, then for arm the highest below it, and last
 * the first that does not say what it is for. Throws NOT_FOUND with what the index has, UNSUPPORTED where the digest of the one
 * that was chosen is of an unknown kind.
 */
export function choosePlatform(index: Index, wanted: Platform): IndexEntry {
  const images = index.manifests.filter(({ platform }) => platform?.os !== 'unknown')
  const best = images
    .map((entry) => ({ entry, rank: rankOf(entry.platform ?? { os: '', architecture: '' }, wanted) }))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank)[0]?.entry
  if (best !== undefined) return checkDigest(best)
  const there = images.flatMap(({ platform }) =>
    platform === undefined ? [] : [formatPlatform(platform).slice(0, 100)],
  )
  if (there.length === 0) throw fail('image.noPlatforms', { wanted: formatPlatform(wanted) })
  throw fail('image.noPlatform', { wanted: formatPlatform(wanted), made: there.slice(0, 12).join(', ') })
}

function checkDigest(entry: IndexEntry): IndexEntry {
  if (!isDigest(entry.digest)) throw fail('image.strangeDigest', { digest: JSON.stringify(entry.digest.slice(0, 200)) })
  return entry
}

/** What an image runs on: what its config says, and the wanted platform's where it says nothing, as Docker has it. */
export function platformOf(config: Pick<ImageConfig, 'os' | 'architecture'>, wanted: Platform): Platform {
  const { os, architecture } = inGoWords(config)
  return { os: os || wanted.os, architecture: architecture || wanted.architecture }
}

/** Whether what an image config says of itself fits; the config decides, an index may err. */
export function fitsPlatform(config: Pick<ImageConfig, 'os' | 'architecture'>, wanted: Platform): boolean {
  const has = platformOf(config, wanted)
  return has.os === wanted.os && has.architecture === inGoWords(wanted).architecture
}

function rankOf(platform: Platform, wanted: Platform): number {
  const [one, other] = [inGoWords(platform), inGoWords(wanted)]
  if (one.os !== '' && one.os !== other.os) return 0
  if (one.architecture === '') return 1
  if (one.architecture !== other.architecture) return 0
  const [has, wants] = [one.variant ?? '', other.variant ?? '']
  if (has === wants) return 1000
  if (has === '') return 900
  const [hasLevel, wantedLevel] = [level(has), level(wants)]
  if (other.architecture === 'arm' || other.architecture === 'arm64') {
    return wantedLevel === 0 || hasLevel <= wantedLevel ? 100 + hasLevel : 0
  }
  return wantedLevel === 0 && hasLevel <= 1 ? 100 : hasLevel <= wantedLevel ? 100 + hasLevel : 0
}

function level(variant: string): number {
  return Number(/^v?([0-9]{1,2})/i.exec(variant)?.[1] ?? 0)
}
