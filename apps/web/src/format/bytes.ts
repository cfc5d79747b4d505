export const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

/** Bytes in the largest binary unit that keeps the number at 1 or more. */
export function scaleBytes(bytes: number): { value: number; unit: (typeof byteUnits)[number] } {
  let value = bytes
  let step = 0
  while (value >= 1024 && step < byteUnits.length - 1) {
    value /= 1024
    step += 1
  }
  return { value, unit: byteUnits[step] ?? 'B' }
}

const factors: Record<string, number> = { '': 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 }

/** Reads `512m`, `1.5 GiB`, `1048576`; null where it is no size. */
export function parseBytes(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([bkmgt]?)(?:i?b)?$/i.exec(text.trim())
  if (!match) return null
  const factor = factors[(match[2] ?? '').toLowerCase()]
  return factor === undefined ? null : Math.round(Number(match[1]) * factor)
}

/** A size as `docker run` takes it: `512m` where it is even, else plain bytes. */
export function dockerBytes(bytes: number): string {
  for (const [unit, factor] of [
    ['g', 1024 ** 3],
    ['m', 1024 ** 2],
    ['k', 1024],
  ] as const) {
    if (bytes % factor === 0) return `${bytes / factor}${unit}`
  }
  return String(bytes)
}
