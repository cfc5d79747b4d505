import { wholeReference } from '@flotilla/protocol/image-reference'

const hub = /^docker\.io\/(library\/)?/

/**
 * A reference as people write it: without the default registry and the `latest` tag, unless it would then be another's; of an id its
 * first twelve digits.
 */
export function shortReference(reference: string): string {
  const id = /^sha256:([0-9a-f]{12})[0-9a-f]{52}$/.exec(reference)?.[1]
  if (id !== undefined) return id
  const short = reference.replace(hub, '').replace(/:latest$/, '')
  return fullReference(short) === fullReference(reference) ? short : reference
}

/** A reference as hosts keep it: `nginx` is `docker.io/library/nginx:latest`. What is no reference comes back as some text. */
export const fullReference = (text: string): string => wholeReference(text.trim())

/** The registry that a reference leads to, as people know it. */
export function registryOf(text: string): string {
  const host = fullReference(text).split('/')[0] ?? ''
  return host === 'docker.io' ? 'Docker Hub' : host
}
