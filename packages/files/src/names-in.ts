import { isUtf8 } from 'node:buffer'
import { opendir } from 'node:fs/promises'

/** The names in a folder, in no order: each as text, or null for one whose bytes are no UTF-8, which no text stands for. */
export async function* namesIn(folder: string, bufferSize = 32): AsyncGenerator<string | null> {
  for await (const { name } of await opendir(folder, { encoding: 'latin1', bufferSize })) {
    yield textOf(Buffer.from(name, 'latin1'))
  }
}

/** The text that the bytes are, or null where they are no UTF-8. */
export function textOf(bytes: Buffer): string | null {
  return isUtf8(bytes) ? bytes.toString() : null
}
