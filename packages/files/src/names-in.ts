import { isUtf8 } from 'node:buffer'
import { opendir } from 'node:fs/promises'
import type { FileType } from '@flotilla/protocol'
import { typeOf } from './entry.ts'

/** A name in a folder, and what it stood for when the folder was read. */
export interface NamedEntry {
  name: string
  type: FileType
}

/** What is in a folder, in no order: each with its name as text, or null for one whose bytes are no UTF-8, which no text stands for. */
export async function* entriesIn(folder: string, bufferSize = 32): AsyncGenerator<NamedEntry | null> {
  for await (const entry of await opendir(folder, { encoding: 'latin1', bufferSize })) {
    const name = textOf(Buffer.from(entry.name, 'latin1'))
    yield name === null ? null : { name, type: typeOf(entry) }
  }
}

/** The names in a folder, in no order, as `entriesIn` has them. */
export async function* namesIn(folder: string): AsyncGenerator<string | null> {
  for await (const entry of entriesIn(folder)) yield entry?.name ?? null
}

/** The text that the bytes are, or null where they are no UTF-8. */
export function textOf(bytes: Buffer): string | null {
  return isUtf8(bytes) ? bytes.toString() : null
}
