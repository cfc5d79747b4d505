import { createHash } from 'node:crypto'
import { encodeEntry, endOfArchive, paddingBytes, type TarKind } from '@flotilla/oci'

/** Where a helper container has the volume. */
export const helperTarget = '/volume'
const program = 'wait'
const loadAddress = 0x400000n
const headerBytes = 64
const segmentBytes = 56

/** One system call that sleeps until a signal comes, for ever. */
const machines: Readonly<Record<string, { docker: string; elf: number; code: readonly number[] }>> = {
  // again: mov eax, 34 (pause); syscall; jmp again
  x64: { docker: 'amd64', elf: 62, code: [0xb8, 34, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7] },
  // again: x0 to x3 = 0; x8 = 73 (ppoll); svc; b again
  arm64: {
    ...{ docker: 'arm64', elf: 183 },
    code: [0xd2800000, 0xd2800001, 0xd2800002, 0xd2800003, 0xd2800928, 0xd4000001, 0x17fffffa].flatMap(littleEndian),
  },
}

function littleEndian(word: number): number[] {
  return [0, 8, 16, 24].map((shift) => (word >>> shift) & 0xff)
}

/** The processors that there is a program for, in Node's words. */
export const helperMachines: readonly string[] = Object.keys(machines)

export interface HelperImage {
  /** Known before it is loaded: the digest of its configuration. */
  id: string
  /** As `docker load` takes it. */
  archive: Buffer
}

/**
 * An image whose one program of some 130 bytes does nothing: a container of it keeps a volume mounted, and has no other files
 * that a path of the volume could lead to. The same bytes each time, so that its id tells it from every other image.
 * Undefined for a processor that it has no program for.
 */
export function makeHelperImage(processor: string): HelperImage | undefined {
  const machine = machines[processor]
  if (machine === undefined) return undefined
  const layer = archive([
    { name: program, kind: 'file', mode: 0o555, body: executable(machine.elf, machine.code) },
    { name: `${helperTarget.slice(1)}/`, kind: 'directory', mode: 0o755 },
  ])
  const config = JSON.stringify({
    ...{ architecture: machine.docker, os: 'linux', created: '1970-01-01T00:00:00Z' },
    config: { Entrypoint: [`/${program}`], WorkingDir: '/', User: '65534:65534' },
    rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
    history: [{ created: '1970-01-01T00:00:00Z', created_by: 'Flotilla: mounts a volume and waits' }],
  })
  const hash = sha256(config)
  const manifest = [{ Config: `${hash}.json`, RepoTags: null, Layers: ['layer.tar'] }]
  return {
    id: `sha256:${hash}`,
    archive: archive([
      { name: `${hash}.json`, kind: 'file', mode: 0o644, body: Buffer.from(config) },
      { name: 'layer.tar', kind: 'file', mode: 0o644, body: layer },
      { name: 'manifest.json', kind: 'file', mode: 0o644, body: Buffer.from(JSON.stringify(manifest)) },
    ]),
  }
}

/** A static ELF file with one segment: "Tool Interface Standard ELF Specification", with the 64-bit layout of its supplement. */
function executable(machine: number, code: readonly number[]): Buffer {
  const size = headerBytes + segmentBytes + code.length
  const header = Buffer.alloc(headerBytes + segmentBytes)
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]) // 64 bits, little-endian, version 1
  header.writeUInt16LE(2, 16) // a program at a fixed address
  header.writeUInt16LE(machine, 18)
  header.writeUInt32LE(1, 20)
  header.writeBigUInt64LE(loadAddress + BigInt(header.length), 24) // where it begins
  header.writeBigUInt64LE(BigInt(headerBytes), 32) // where its segments are listed
  header.writeUInt16LE(headerBytes, 52)
  header.writeUInt16LE(segmentBytes, 54)
  header.writeUInt16LE(1, 56)
  header.writeUInt32LE(1, headerBytes) // loaded
  header.writeUInt32LE(5, headerBytes + 4) // readable and executable
  header.writeBigUInt64LE(loadAddress, headerBytes + 16)
  header.writeBigUInt64LE(loadAddress, headerBytes + 24)
  header.writeBigUInt64LE(BigInt(size), headerBytes + 32)
  header.writeBigUInt64LE(BigInt(size), headerBytes + 40)
  header.writeBigUInt64LE(0x10000n, headerBytes + 48) // the largest pages of arm64
  return Buffer.concat([header, Buffer.from(code)])
}

interface Entry {
  name: string
  kind: TarKind
  mode: number
  body?: Buffer
}

function archive(entries: readonly Entry[]): Buffer {
  const parts = entries.flatMap(({ body = Buffer.alloc(0), ...entry }) => [
    encodeEntry({
      ...{ ...entry, sizeBytes: body.length, linkName: '', uid: 0, gid: 0, mtime: 0, deviceMajor: 0, deviceMinor: 0 },
    }),
    body,
    Buffer.alloc(paddingBytes(body.length)),
  ])
  return Buffer.concat([...parts, endOfArchive])
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}
