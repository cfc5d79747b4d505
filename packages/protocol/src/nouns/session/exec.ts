import { z } from 'zod'
import { AbsolutePath, Argument, ContainerRef, EnvName, UserName } from '../container/container.ts'
import { Reason } from '../../reasons/reason.ts'
import { rule } from '../../errors/rule.ts'
import { text } from '../../text.ts'

/** Starts a command inside a running container; the session lives on the host until it ends and is removed. */
export const ExecCreateInput = z.object({
  id: ContainerRef,
  command: z
    .array(Argument)
    .min(1)
    .max(1000)
    .refine(([program]) => program !== '', rule('input.noProgram')),
  tty: z.boolean().default(false),
  env: z.record(EnvName, Argument).default({}),
  user: UserName.optional(),
  workingDir: AbsolutePath.optional(),
  columns: z.number().int().min(1).max(1000).default(80),
  rows: z.number().int().min(1).max(1000).default(24),
})

export const ExecSession = z.object({
  id: z.string().min(1).max(128),
  containerId: z.string(),
  command: z.array(z.string()),
  tty: z.boolean(),
  state: z.enum(['running', 'exited']),
  exitCode: z.number().int().nullable(),
  createdAt: z.iso.datetime(),
  actor: z.string(),
})
export type ExecSession = z.infer<typeof ExecSession>

/**
 * One who types into a session, over all his attachments to it: what he types is counted, so that after a cut connection he
 * knows what arrived and sends the rest.
 */
export const ExecWriter = z.object({
  /** Made at random, his alone: a later attachment with it takes the place of the one before. */
  id: text(64).min(16),
  /** Bytes that he has sent so far; 0 at the first time. */
  sent: z.number().int().nonnegative(),
})
export type ExecWriter = z.infer<typeof ExecWriter>

export const ExecAttachInput = z.object({
  session: z.string().min(1).max(128),
  /** Send what was printed before, as far as it is kept. */
  replay: z.boolean().default(true),
  /** Left out: what is typed is not counted. */
  writer: ExecWriter.optional(),
})

/** From the person to the session. Bytes are standard input. */
export const ExecUp = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('resize'),
    columns: z.number().int().min(1).max(1000),
    rows: z.number().int().min(1).max(1000),
  }),
  z.object({ type: z.literal('stdin-end') }),
])
export type ExecUp = z.infer<typeof ExecUp>

/** From the session to the person. Bytes are output of the channel last named; it begins as `stdout`. */
export const ExecDown = z.discriminatedUnion('type', [
  z.object({ type: z.literal('channel'), channel: z.enum(['stdout', 'stderr']) }),
  /** All that was printed before has been sent; what follows is live. `lost`: bytes that are no longer kept. */
  z.object({ type: z.literal('live'), lostBytes: z.number().int().nonnegative() }),
  /**
   * To a writer, first of all and then as it goes: how many bytes of what he sent the session has taken. More of them than some
   * tens of kilobytes ahead only wait. Null: that is not known any more, and counting begins at 0 again.
   */
  z.object({ type: z.literal('input'), received: z.number().int().nonnegative().nullable() }),
  /** Null where the end was not seen; the reason says why. */
  z.object({
    type: z.literal('exit'),
    exitCode: z.number().int().nullable(),
    reason: z.string().optional(),
    /** What that sentence is made of; left out by an older agent. */
    reasonFacts: Reason.optional(),
  }),
])
export type ExecDown = z.infer<typeof ExecDown>
