import { fail } from '@flotilla/protocol'

const maxLineBytes = 1024 * 1024

/** The JSON documents of a body with one on each line (Docker's progress and events). Throws INTERNAL on a line above 1 MiB. */
export async function* readJsonLines(body: AsyncIterable<unknown>): AsyncGenerator {
  let carry = ''
  const decoder = new TextDecoder()
  for await (const chunk of body) {
    const lines = (carry + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n')
    carry = lines.pop() ?? ''
    if (carry.length > maxLineBytes) throw fail('docker.endlessLine')
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line)
  }
  if (carry.trim() !== '') yield JSON.parse(carry)
}
