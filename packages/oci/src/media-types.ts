/** Media types of the OCI image-spec and of Docker's schema 2, which differ in name alone. */
export const mediaTypes = {
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociLayer: 'application/vnd.oci.image.layer.v1.tar',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
} as const

/** What a manifest request accepts. */
export const manifestAccept: readonly string[] = [
  mediaTypes.ociIndex,
  mediaTypes.dockerList,
  mediaTypes.ociManifest,
  mediaTypes.dockerManifest,
]

/** A media type without its parameters, in lower case: RFC 6838, section 4.2. */
export function plainMediaType(mediaType: string): string {
  return (mediaType.split(';', 1)[0] ?? '').trim().toLowerCase()
}

/**
 * Whether a config of this type may be a container image's. Old and odd pushers wrote what a web server made of it, `text/html`
 * say, or nothing; only a name of the vendor tree (RFC 6838, section 3.2) that is neither OCI's nor Docker's says that it is
 * something else.
 */
export function isImageConfigType(mediaType: string): boolean {
  const type = plainMediaType(mediaType)
  if (!type.startsWith('application/vnd.')) return true
  return /^application\/vnd\.(oci\.image|docker)\./.test(type) && !type.startsWith('application/vnd.docker.plugin.')
}
