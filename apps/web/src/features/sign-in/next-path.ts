/** Where one goes after signing in: a path of this site alone, never an address that somebody put into a link. */
export function nextPath(search: string): string {
  const next = new URLSearchParams(search).get('next') ?? '/'
  const base = 'http://here.invalid'
  if (!next.startsWith('/') || !URL.canParse(next, base)) return '/'
  const url = new URL(next, base)
  return url.origin === base ? url.pathname + url.search : '/'
}
