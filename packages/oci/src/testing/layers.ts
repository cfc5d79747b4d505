import { type Header, extract, pack } from 'tar-stream'
import { LayerRewriter, type LayerLimits, type LayerSummary } from '../layer-rewrite.ts'
import { paddingBytes, type TarHeader } from '../tar-header.ts'
import { encodeEntry } from '../tar-pax.ts'

export type Made = Omit<Partial<Header>, 'type'> & { name: string; type?: string | null } & { body?: string }

/** Archives are made and read by another library than ours. */
export async function archive(entries: Made[]): Promise<Buffer> {
  const packed = pack()
  for (const { body, ...header } of entries) packed.entry(header as Header, body ?? '')
  packed.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of packed) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

async function* inChunks(data: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size)
  await Promise.resolve()
}

export async function rewriteBytes(data: Buffer, chunk = 4099, limits?: LayerLimits) {
  const rewriter = new LayerRewriter(limits)
  const out: Buffer[] = []
  for await (const part of rewriter.rewrite(inChunks(data, chunk))) out.push(part)
  return { data: Buffer.concat(out), summary: rewriter.summary() }
}

export async function rewrite(
  entries: Made[],
  chunk?: number,
  limits?: LayerLimits,
): Promise<{ out: Made[]; summary: LayerSummary }> {
  const { data, summary } = await rewriteBytes(await archive(entries), chunk, limits)
  const out: Made[] = []
  const reader = extract()
  reader.end(data)
  for await (const entry of reader) {
    let body = ''
    for await (const part of entry) body += String(part)
    out.push({ ...entry.header, body })
  }
  return { out, summary }
}

export const file = (name: string, body = 'x', more: Partial<Made> = {}): Made => ({
  name,
  type: 'file',
  body,
  ...more,
})
export const dir = (name: string, more: Partial<Made> = {}): Made => ({ name, type: 'directory', ...more })
export const link = (name: string, linkname: string, type: 'symlink' | 'link' = 'symlink'): Made => ({
  name,
  type,
  linkname,
})
export const opaque = { 'SCHILY.xattr.trusted.overlay.opaque': 'y' }

export const plain: TarHeader = {
  ...{ name: 'x', kind: 'file', linkName: '', mode: 0o644, uid: 0, gid: 0 },
  ...{ sizeBytes: 0, mtime: 0, deviceMajor: 0, deviceMinor: 0 },
}

export function raw(header: Partial<TarHeader>, body = Buffer.alloc(0), pax?: Map<string, Buffer>): Buffer {
  const full: TarHeader = { ...plain, sizeBytes: body.length, ...header }
  return Buffer.concat([encodeEntry(full, pax), body, Buffer.alloc(paddingBytes(body.length))])
}
