import type { DashboardFile } from './dashboard-files.ts'

/** Stands in an exported path where the route has a parameter: /containers/_ is the shell of every container's page. */
const placeholder = '_'

/**
 * The file that answers a path: itself, its page, or the shell of a dynamic route. The router's payloads (`.txt`, and those
 * in the folder of a page) are found in the same way.
 */
export function findDashboardFile(
  files: ReadonlyMap<string, DashboardFile>,
  pathname: string,
): DashboardFile | undefined {
  const segments = pathname.split('/').filter((segment) => segment !== '')
  if (segments.length === 0) return files.get('/index.html')
  if (segments.length > 8) return undefined
  return search(files, '', segments)
}

function search(
  files: ReadonlyMap<string, DashboardFile>,
  base: string,
  [first, ...rest]: readonly string[],
): DashboardFile | undefined {
  if (first === undefined) return undefined
  if (rest.length > 0) return search(files, `${base}/${first}`, rest) ?? search(files, `${base}/${placeholder}`, rest)
  const payload = first.endsWith('.txt') && !first.startsWith('__next.') ? `${base}/${placeholder}.txt` : undefined
  return (
    files.get(`${base}/${first}`) ??
    files.get(`${base}/${first}.html`) ??
    files.get(`${base}/${first}/index.html`) ??
    (payload === undefined ? files.get(`${base}/${placeholder}.html`) : files.get(payload))
  )
}
