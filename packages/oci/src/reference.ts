import { type FlotillaError, fail } from '@flotilla/protocol'
import { isDigest } from './digest.ts'

/** An image reference with everything that Docker leaves out put in. */
export interface Reference {
  /** Registry host with port, `docker.io` for Docker Hub. */
  domain: string
  /** `library/nginx` */
  path: string
  tag: string | undefined
  /** Given with a tag, the digest wins, as it does for Docker. */
  digest: string | undefined
}

const component = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const domainPattern = new RegExp(`^(?:${component}(?:\\.${component})*|\\[[a-fA-F0-9:]+\\])(?::([0-9]+))?$`)
const pathPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/
const maxName = 255

/**
 * Reads a reference by the rules of Docker's `reference.ParseNormalizedNamed`: `nginx` is
 * `docker.io/library/nginx:latest`. The part before the first slash is a host if it has a dot, a colon or a capital, or is
 * `localhost`. Throws INVALID_ARGUMENT with what is wrong.
 */
export function parseReference(text: string): Reference {
  if (text === '') throw invalid(text, 'it is empty')
  if (text.length > 1000) throw invalid(text, 'it is too long')
  if (/^[a-f0-9]{64}$/.test(text)) throw invalid(text, 'it is 64 hex digits, which is an id and not a name')
  const [beforeDigest, digest, ...more] = text.split('@')
  if (more.length > 0) throw invalid(text, 'it has more than one @')
  if (digest !== undefined && !isDigest(digest)) {
    throw invalid(text, 'what follows @ must be sha256: and 64 hex digits in lower case')
  }
  const { domain, rest } = splitDomain(beforeDigest ?? '')
  const colon = rest.indexOf(':')
  const path = colon < 0 ? rest : rest.slice(0, colon)
  const tag = colon < 0 ? undefined : rest.slice(colon + 1)
  checkDomain(text, domain)
  checkPath(text, path)
  if (tag !== undefined && !tagPattern.test(tag)) {
    throw invalid(text, 'a tag is up to 128 letters, digits, _ . and -, and does not begin with . or -')
  }
  const fullPath = domain === 'docker.io' && !path.includes('/') ? `library/${path}` : path
  if (domain.length + 1 + fullPath.length > maxName)
    throw invalid(text, `its name is longer than ${maxName} characters`)
  return { domain, path: fullPath, tag: tag ?? (digest === undefined ? 'latest' : undefined), digest }
}

/** `docker.io/library/nginx` */
export function repositoryName(reference: Pick<Reference, 'domain' | 'path'>): string {
  return `${reference.domain}/${reference.path}`
}

/** The whole normalised text: `docker.io/library/nginx:latest`. */
export function formatReference(reference: Reference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`
  return `${repositoryName(reference)}${tag}${digest}`
}

/** The host that answers the registry API for a domain: Docker Hub's is another one than its name. */
export function registryHost(domain: string): string {
  return domain === 'docker.io' ? 'registry-1.docker.io' : domain
}

function splitDomain(name: string): { domain: string; rest: string } {
  const slash = name.indexOf('/')
  const first = slash < 0 ? '' : name.slice(0, slash)
  const isHost = first !== '' && (/[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first)
  if (!isHost) return { domain: 'docker.io', rest: name }
  return { domain: first === 'index.docker.io' ? 'docker.io' : first, rest: name.slice(slash + 1) }
}

function checkDomain(text: string, domain: string): void {
  const match = domainPattern.exec(domain)
  if (match === null) throw invalid(text, 'the registry before the first slash is not a host name')
  const port = match[1]
  if (port !== undefined && (port.length > 5 || Number(port) > 65535 || Number(port) === 0)) {
    throw invalid(text, 'the port of the registry must be from 1 to 65535')
  }
}

function checkPath(text: string, path: string): void {
  if (path === '') throw invalid(text, 'it has no name')
  if (path.toLowerCase() !== path) throw invalid(text, 'the name must be in lower case')
  for (const part of path.split('/')) {
    if (part === '') throw invalid(text, 'it has an empty part between slashes')
    if (!pathPattern.test(part)) {
      throw invalid(text, 'names are lower-case letters and digits, with single . or _, __ or - between them')
    }
  }
}

function invalid(text: string, why: string): FlotillaError {
  const shown = JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text)
  return fail('image.badReference', { reference: shown, why })
}
