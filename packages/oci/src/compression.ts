/** How a layer is packed. Media types say so too, and are wrong often enough that Docker and podman look at the bytes. */
export type Compression = 'none' | 'gzip' | 'bzip2' | 'xz' | 'zstd'

/** So many bytes tell. */
export const magicBytes = 6

/**
 * How a stream is packed that begins with these bytes: RFC 1952 (gzip), RFC 8878 (zstd, whose first frame may be one to skip),
 * bzip2's `BZh` and a block size, the xz format's magic bytes. Anything else is taken to be a plain archive.
 */
export function compressionOf(first: Uint8Array): Compression {
  const [a, b, c, d, e, f] = first
  if (a === 0x1f && b === 0x8b && c === 0x08) return 'gzip'
  if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) return 'zstd'
  if (a !== undefined && a >> 4 === 5 && b === 0x2a && c === 0x4d && d === 0x18) return 'zstd'
  if (a === 0x42 && b === 0x5a && c === 0x68 && d !== undefined && d >= 0x31 && d <= 0x39) return 'bzip2'
  if (a === 0xfd && b === 0x37 && c === 0x7a && d === 0x58 && e === 0x5a && f === 0) return 'xz'
  return 'none'
}
