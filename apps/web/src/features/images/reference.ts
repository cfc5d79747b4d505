const hub = /^docker\.io\/(library\/)?/

/** A reference as people write it: without the default registry and the `latest` tag. */
export function shortReference(reference: string): string {
  return reference.replace(hub, '').replace(/:latest$/, '')
}
