import { createHash } from 'node:crypto'
import { type Call, FlotillaError } from '@flotilla/protocol'
import { type Service, service } from '../service.ts'
import { testMethods } from './table.ts'

/** What the tests see of the handlers' side. */
export interface Seen {
  /** Signals of calls by the id in their input. */
  readonly signals: Map<string, AbortSignal>
  /** How many lines each stream has made. */
  readonly lines: Map<string, number>
  running: number
  aborted: number
  bytesUp: number
}

/** Bytes that depend on the seed and the position alone, so that both ends can check them. */
export function* madeBytes(bytes: number, seed: number): Generator<Uint8Array> {
  const block = createHash('sha256').update(String(seed)).digest()
  const chunk = Buffer.alloc(64 * 1024, block)
  for (let at = 0; at < bytes; at += chunk.length) yield chunk.subarray(0, Math.min(chunk.length, bytes - at))
}

export function hashOf(chunks: Iterable<Uint8Array>): string {
  const hash = createHash('sha256')
  for (const chunk of chunks) hash.update(chunk)
  return hash.digest('hex')
}

export function testService(): { service: Service; seen: Seen } {
  const seen: Seen = { signals: new Map(), lines: new Map(), running: 0, aborted: 0, bytesUp: 0 }
  const keep = (id: string, call: Call) => {
    if (id !== '') seen.signals.set(id, call.signal)
    call.signal.addEventListener('abort', () => seen.aborted++, { once: true })
  }
  const made = service(
    testMethods,
    {
      echo: {
        say: ({ text, times }) => Promise.resolve({ text: text.repeat(times) }),
        who: (_input, { scope, operationId }) => Promise.resolve({ actor: scope.actor, operationId }),
        wait: ({ id }, call) => {
          keep(id, call)
          return new Promise((_, reject) =>
            call.signal.addEventListener('abort', () => reject(call.signal.reason as Error)),
          )
        },
        absent: () => Promise.resolve({}),
        lie: () => Promise.resolve({ count: 'many' } as unknown as { count: number }),
        large: ({ bytes }) => Promise.resolve({ text: 'x'.repeat(bytes) }),
        any: () => Promise.resolve({}),
        crash: () => Promise.reject(new Error('the secret of the inner part')),
      },
      lines: {
        async *follow({ id, count, batch, failAt, quiet }, call) {
          keep(id, call)
          seen.running++
          try {
            for (let number = 0; (count === 0 || number < count) && !call.signal.aborted; number += batch) {
              if (failAt !== undefined && number >= failAt) {
                throw new FlotillaError('CONFLICT', 'Der Name „käse“ ist schon vergeben: 名前は既に使われています 🧀.')
              }
              const size = count === 0 ? batch : Math.min(batch, count - number)
              yield Array.from({ length: size }, (_, at) => ({
                number: number + at,
                text: `line ${number + at}`.padEnd(120, '.'),
              }))
              if (id !== '') seen.lines.set(id, number + size)
              if (quiet) await new Promise<void>((resolve) => call.signal.addEventListener('abort', () => resolve()))
            }
          } finally {
            seen.running--
          }
        },
        async *deaf() {
          await new Promise<void>((resolve) => setTimeout(resolve, 15_000).unref())
          yield 'late'
        },
      },
      terminal: {
        async *open({ id }, incoming, call) {
          keep(id, call)
          seen.running++
          try {
            let exitCode = 0
            for await (const piece of incoming) {
              if (piece instanceof Uint8Array) {
                exitCode += piece.length
                yield piece
              } else yield { resized: piece.resize }
            }
            yield { exitCode }
          } finally {
            seen.running--
          }
        },
      },
      files: {
        async put({ id, refuseAfter }, body, call) {
          keep(id, call)
          const hash = createHash('sha256')
          let bytes = 0
          for await (const chunk of body) {
            bytes += chunk.length
            seen.bytesUp += chunk.length
            hash.update(chunk)
            if (refuseAfter !== undefined && bytes > refuseAfter) {
              throw new FlotillaError('RESOURCE_EXHAUSTED', 'The disk is full.')
            }
          }
          return { bytes, sha256: hash.digest('hex') }
        },
        async *get({ bytes, seed }) {
          yield* madeBytes(bytes, seed)
        },
      },
    },
    () => ({ 'echo.absent': 'This kernel is too old for it.' }),
  )
  return { service: made, seen }
}
