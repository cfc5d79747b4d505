/** Labels as they are written, a `name=value` a line; null where a line is none or a name comes twice. */
export function parseLabels(text: string): Record<string, string> | null {
  const pairs = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const at = line.indexOf('=')
      return at < 0 ? ([line, ''] as const) : ([line.slice(0, at).trim(), line.slice(at + 1)] as const)
    })
  const names = new Set(pairs.map(([name]) => name))
  return names.has('') || names.size < pairs.length ? null : Object.fromEntries(pairs)
}

/** Labels a line each, in the order of their names. */
export function labelLines(labels: Readonly<Record<string, string>>): string[] {
  return Object.entries(labels)
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
    .sort((a, b) => a.localeCompare(b))
}
