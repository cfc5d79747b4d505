/** Leases of prepared namespaces, which are nobody's yet, begin so. */
export const sparePrefix = 'spare-'

export const isSpare = (id: string): boolean => id.startsWith(sparePrefix)
