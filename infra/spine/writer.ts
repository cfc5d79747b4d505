/** A shell script that writes numbered lines, `rate` a second, by a tenth of a second's worth at a time. */
export function writer(total: number, rate: number): string {
  const batch = Math.ceil(rate / 10)
  return `n=0; while [ $n -lt ${total / batch} ]; do seq $((n*${batch}+1)) $((n*${batch}+${batch})); n=$((n+1)); sleep 0.1; done`
}

/** Where two texts part, in lines; null: nowhere. */
export function firstDifference(text: string, wanted: string): string | null {
  if (text === wanted) return null
  const [found, expected] = [text.split('\n'), wanted.split('\n')]
  const at = expected.findIndex((line, index) => found[index] !== line)
  const place = at === -1 ? expected.length : at
  return `line ${place + 1} of ${expected.length} (${found.length} found): ${found.slice(place, place + 3).join(', ')}`
}
