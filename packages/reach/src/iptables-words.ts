/** The words of a line as a shell would part them, as far as `iptables-save` quotes: "…" with \" and \\ within. */
export function wordsOf(line: string): string[] {
  const words: string[] = []
  for (const [, quoted, plain] of line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)) {
    words.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll(/\\(.)/g, '$1'))
  }
  return words
}

/** `80`, `80:90` or `:90` as a range of ports; null for what is none. */
export function portRange(text: string): readonly [bigint, bigint] | null {
  const [first = '', last = first] = text.split(':')
  const [from, to] = [first === '' ? '0' : first, last === '' ? '65535' : last]
  return /^\d{1,5}$/.test(from) && /^\d{1,5}$/.test(to) ? [BigInt(from), BigInt(to)] : null
}

/** `0x2000/0x2000`, or a value without its mask; null for what is none. */
export function markAndMask(text: string): { value: bigint; mask: bigint } | null {
  const [value = '', mask = '0xffffffff'] = text.split('/')
  const isNumber = (each: string) => /^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(each)
  return isNumber(value) && isNumber(mask) ? { value: BigInt(value), mask: BigInt(mask) } : null
}

/** `10.0.0.2`, `10.0.0.2:80`, `:80`, `[fd00::2]:80`; null for a choice of several and what is none. */
export function addressAndPort(text: string): { address?: string; port?: number } | null {
  const { address, bare, port } =
    /^(?:\[(?<address>[0-9a-f:.]+)\]|(?<bare>[0-9.]*|[0-9a-f.]*:[0-9a-f:.]*))(?::(?<port>\d{1,5}))?$/i.exec(text)
      ?.groups ?? {}
  const where = address ?? bare
  if (where === undefined) return null
  return {
    ...(where === '' ? {} : { address: where }),
    ...(port === undefined ? {} : { port: Number(port) }),
  }
}
