import { duplex, download, stream, unary, upload } from '@flotilla/protocol'
import { z } from 'zod'

const read = { permission: 'containers.read' } as const
const change = { permission: 'containers.operate', change: true } as const

/** A small table of the link's own tests: one method for each thing that a link must do. */
export const testMethods = {
  echo: {
    say: unary(z.object({ text: z.string(), times: z.int().default(1) }), z.object({ text: z.string() }), read),
    who: unary(z.object({}), z.object({ actor: z.string(), operationId: z.string() }), change),
    wait: unary(z.object({ id: z.string() }), z.object({}), read),
    absent: unary(z.object({}), z.object({}), read),
    missing: unary(z.object({}), z.object({}), read),
    lie: unary(z.object({}), z.object({ count: z.number() }), read),
    large: unary(z.object({ bytes: z.int() }), z.object({ text: z.string() }), read),
    any: unary(z.object({ value: z.unknown() }), z.object({}), read),
    crash: unary(z.object({}), z.object({}), read),
  },
  lines: {
    /** Batches of numbered lines; without an end where `count` is 0; `failAt` throws a CONFLICT there. */
    follow: stream(
      z.object({
        id: z.string().default(''),
        count: z.int().default(0),
        batch: z.int().default(10),
        failAt: z.int().optional(),
        /** One batch, then silence until the call ends. */
        quiet: z.boolean().default(false),
      }),
      z.array(z.object({ number: z.int(), text: z.string() })),
      read,
    ),
    /** Never yields and ignores its signal: the handler one must not write. */
    deaf: stream(z.object({}), z.string(), read),
  },
  terminal: {
    open: duplex(
      z.object({ id: z.string().default('') }),
      {
        up: z.object({ resize: z.int() }),
        down: z.object({ resized: z.int().optional(), exitCode: z.int().optional() }),
      },
      change,
    ),
  },
  files: {
    put: upload(
      z.object({ id: z.string().default(''), refuseAfter: z.int().optional() }),
      z.object({ bytes: z.int(), sha256: z.string() }),
      change,
    ),
    get: download(z.object({ bytes: z.int(), seed: z.int().default(1) }), read),
  },
}
