import { blockBytes, broken, decodeHeader, kindOf, paddingBytes, type TarHeader } from './tar-header.ts'
import { decodePax, maxPaxBytes, type PaxRecords } from './tar-pax.ts'
import { ByteSource } from './byte-source.ts'
import { nameOf } from './byte-names.ts'
import { bodyMap, checkSparse, oldSparse, paxSparse, type Sparse } from './tar-sparse.ts'

/** Records for all entries at once: each entry has a copy of them. */
const mostGlobal = 100

export interface TarEntry {
  /** Its size is that of the body that the archive has. */
  header: TarHeader
  pax: PaxRecords
  /** Where the body is only a part of the file. */
  sparse?: Sparse
}

/**
 * Reads a tar archive as it arrives: ustar, PAX (also global), GNU long names and sparse files. Take each entry with `next`, then its body
 * with `body` or not at all; what is left of a body is skipped. Memory is bounded by one chunk, and by 1 MiB of headers for an entry and as much for all.
 * Throws INVALID_ARGUMENT for what is broken or cut short.
 */
export class TarReader {
  readonly #source: ByteSource
  readonly #global: PaxRecords = new Map()
  #globalBytes = 0
  #bodyLeft = 0
  #padding = 0

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#source = new ByteSource(chunks)
  }

  /** The next entry, or undefined at the archive's end; what follows the end is read and dropped. */
  async next(): Promise<TarEntry | undefined> {
    await this.#skipBody()
    const pax: PaxRecords = new Map()
    const long: { name?: string; linkName?: string } = {}
    let left = maxPaxBytes
    const meta = async (sizeBytes: number) => {
      left -= sizeBytes
      if (left < 0) throw broken('the headers of an entry are larger than 1 MiB')
      return this.#meta(sizeBytes)
    }
    for (;;) {
      const block = await this.#source.take(blockBytes, 'may-end')
      const raw = block === undefined ? undefined : decodeHeader(block)
      if (raw === undefined || block === undefined) {
        if (pax.size > 0 || long.name !== undefined) throw broken('it ends in the middle of an entry')
        await this.#source.drain()
        return undefined
      }
      const { flag, header } = raw
      if (flag === 'x') for (const [key, value] of decodePax(await meta(header.sizeBytes))) pax.set(key, value)
      else if (flag === 'g') this.#remember(decodePax(await meta(header.sizeBytes)))
      else if (flag === 'L') long.name = cString(await meta(header.sizeBytes))
      else if (flag === 'K') long.linkName = cString(await meta(header.sizeBytes))
      else return this.#entry(flag, block, { ...header, ...definedOnly(long) }, pax)
    }
  }

  /** The body of the entry just taken, in the chunks it came in. */
  async *body(): AsyncGenerator<Buffer> {
    while (this.#bodyLeft > 0) {
      const chunk = await this.#source.some(this.#bodyLeft)
      this.#bodyLeft -= chunk.length
      yield chunk
    }
  }

  async #entry(flag: string, block: Buffer, header: Omit<TarHeader, 'kind'>, own: PaxRecords): Promise<TarEntry> {
    const pax: PaxRecords = new Map([...this.#global, ...own])
    const fromPax = paxSparse(own)
    const name = nameIn(fromPax?.name ?? pax.get('path')) ?? header.name
    const kind = kindOf(flag, name)
    if (kind === undefined) throw broken(`it holds an entry of the unknown kind ${JSON.stringify(flag)}`)
    const full: TarHeader = {
      ...header,
      kind,
      name,
      linkName: nameIn(pax.get('linkpath')) ?? header.linkName,
      uid: integer(pax, 'uid') ?? header.uid,
      gid: integer(pax, 'gid') ?? header.gid,
      mtime: time(pax) ?? header.mtime,
      sizeBytes: kind === 'file' ? (integer(pax, 'size') ?? header.sizeBytes) : 0,
    }
    this.#padding = paddingBytes(full.sizeBytes)
    this.#bodyLeft = 0
    const sparse = await this.#sparse(flag, block, full, fromPax)
    this.#bodyLeft = full.sizeBytes
    return sparse === undefined ? { header: full, pax } : { header: full, pax, sparse }
  }

  /** Takes what stands before the body of a sparse file, and its size off the entry's. */
  async #sparse(
    flag: string,
    block: Buffer,
    header: TarHeader,
    fromPax: ReturnType<typeof paxSparse>,
  ): Promise<Sparse | undefined> {
    if (flag !== 'S' && fromPax === undefined) return undefined
    if (header.kind !== 'file' || (flag === 'S' && fromPax !== undefined))
      throw broken('it holds a sparse entry of no file')
    if (fromPax === undefined) return checkSparse(await oldSparse(block, this.#source), header.sizeBytes)
    if (fromPax.parts !== undefined) {
      return checkSparse({ realBytes: fromPax.realBytes, parts: fromPax.parts }, header.sizeBytes)
    }
    const { parts, bytes } = await bodyMap(this.#source, header.sizeBytes)
    header.sizeBytes -= bytes
    return checkSparse({ realBytes: fromPax.realBytes, parts }, header.sizeBytes)
  }

  /** Records for all entries that follow; a later one replaces an earlier one. */
  #remember(records: PaxRecords): void {
    for (const [key, value] of records) {
      if (this.#global.size >= mostGlobal && !this.#global.has(key)) throw broken('it has too many global records')
      this.#globalBytes += Buffer.byteLength(key) + value.length - bytesOf(this.#global, key)
      if (this.#globalBytes > maxPaxBytes) throw broken('its global headers are larger than 1 MiB')
      this.#global.set(key, Buffer.from(value)) // a copy, so that the rest of its header is let go
    }
  }

  async #meta(sizeBytes: number): Promise<Buffer> {
    const data = Buffer.from((await this.#source.take(sizeBytes)) ?? Buffer.alloc(0))
    await this.#source.take(paddingBytes(sizeBytes))
    return data
  }

  async #skipBody(): Promise<void> {
    while (this.#bodyLeft > 0) this.#bodyLeft -= (await this.#source.some(this.#bodyLeft)).length
    await this.#source.take(this.#padding)
    this.#padding = 0
  }
}

function bytesOf(records: PaxRecords, key: string): number {
  const value = records.get(key)
  return value === undefined ? 0 : Buffer.byteLength(key) + value.length
}

function definedOnly(long: { name?: string; linkName?: string }): { name?: string; linkName?: string } {
  return {
    ...(long.name === undefined ? {} : { name: long.name }),
    ...(long.linkName === undefined ? {} : { linkName: long.linkName }),
  }
}

function cString(data: Buffer): string {
  const end = data.indexOf(0)
  return nameOf(end < 0 ? data : data.subarray(0, end))
}

/** A record without a value says nothing. */
function nameIn(record: Buffer | undefined): string | undefined {
  return record === undefined || record.length === 0 ? undefined : nameOf(record)
}

function integer(pax: PaxRecords, key: string): number | undefined {
  const text = pax.get(key)?.toString('latin1')
  if (text === undefined) return undefined
  const value = Number(text)
  if (!/^[0-9]{1,16}$/.test(text) || !Number.isSafeInteger(value)) throw broken(`the PAX record ${key} is no number`)
  return value
}

function time(pax: PaxRecords): string | number | undefined {
  const text = pax.get('mtime')?.toString('latin1')
  if (text !== undefined && !/^-?[0-9]{1,15}(\.[0-9]{1,30})?$/.test(text)) throw broken('a PAX time is no number')
  return text === undefined || text.includes('.') ? text : Number(text)
}
