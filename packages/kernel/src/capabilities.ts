import { capabilityNames } from '@flotilla/oci'

/** The names of a hexadecimal capability mask as /proc/<pid>/status prints it; bits without a name come as `CAP_41`. */
export function decodeCapabilities(mask: string): string[] {
  if (!/^[0-9a-fA-F]{1,16}$/.test(mask)) return []
  const bits = BigInt(`0x${mask}`)
  const names: string[] = []
  for (let bit = 0; bit < 64; bit += 1) {
    if ((bits >> BigInt(bit)) & 1n) names.push(capabilityNames[bit] ?? `CAP_${bit}`)
  }
  return names
}
