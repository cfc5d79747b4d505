/**
 * The one spelling of an address, the kernel's: `FD00:0::1` is `fd00::1`, and `::ffff:10.0.0.1` is the address of IPv4 that it stands
 * for. What is no address is answered as it is. Pure.
 */
export function canonicalAddress(address: string): string {
  const spelt = spell(address)
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(spelt) ?? []
  if (high === undefined || low === undefined) return spelt
  const number = Number.parseInt(high, 16) * 65_536 + Number.parseInt(low, 16)
  return [24, 16, 8, 0].map((bits) => (number >>> bits) & 255).join('.')
}

/** A block of addresses in the same spelling: `FD00:0::/64` is `fd00::/64`. Pure. */
export function canonicalBlock(block: string): string {
  const [address = '', length] = block.split('/')
  return length === undefined ? spell(address) : `${spell(address)}/${length}`
}

/** In the words of a URL, which every system spells alike; other signs would make other parts of a URL. */
function spell(address: string): string {
  const url = `http://[${address}]`
  const isSpelt = address.includes(':') && /^[0-9a-f:.]+$/i.test(address)
  return isSpelt && URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : address
}

/** Whether two host addresses of ports, as of a `PortMapping`, have one in common: then a number is free for one of them alone. */
export function shareAddress(one: string, other: string): boolean {
  const [a, b] = [canonicalAddress(one), canonicalAddress(other)]
  return a === b || covers(a, b) || covers(b, a)
}

function covers(wide: string, narrow: string): boolean {
  if (wide === '') return true
  if (wide === '0.0.0.0') return narrow === '' || !narrow.includes(':')
  return wide === '::' && (narrow === '' || narrow.includes(':'))
}
