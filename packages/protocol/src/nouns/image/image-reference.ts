/**
 * An image's reference with what people leave out put in, as images are listed: `nginx` is `docker.io/library/nginx:latest`. A
 * digest wins over a tag. What is no reference comes out as something that no image is called.
 */
export function wholeReference(text: string): string {
  const [beforeDigest = '', digest] = text.split('@')
  const slash = beforeDigest.indexOf('/')
  const first = beforeDigest.slice(0, Math.max(slash, 0))
  const isHost = /[.:A-Z]/.test(first) || first === 'localhost'
  const domain = !isHost || first === 'index.docker.io' ? 'docker.io' : first
  const [path = '', tag = 'latest'] = (isHost ? beforeDigest.slice(slash + 1) : beforeDigest).split(':')
  const isOfficial = domain === 'docker.io' && !path.includes('/')
  return `${domain}/${isOfficial ? 'library/' : ''}${path}${digest === undefined ? `:${tag}` : `@${digest}`}`
}
