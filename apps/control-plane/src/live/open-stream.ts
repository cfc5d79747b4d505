import {
  type Access,
  type ActorContext,
  auditStream,
  containerLogsUnparsed,
  containerStats,
  operationProgress,
  type Recheck,
  requireAccess,
  sessionToAttach,
} from '@flotilla/api'
import { containerNoun, type Permission, sessionNoun, type StreamOpen, toFlotillaError } from '@flotilla/protocol'
import { InputQueue } from './input-queue.ts'

/**
 * What each kind of stream asks of its caller before it is looked for; asked every second while it runs, with what its opening
 * asked. Of an operation the question is who sees it.
 */
export const streamAccess: Record<StreamOpen['kind'], Exclude<Access, 'public'>> = {
  logs: containerNoun.methods.logs.permission,
  stats: containerNoun.methods.stats.permission,
  terminal: sessionNoun.methods.attach.permission as Permission,
  operation: 'signed-in',
}

/** Pieces as they go out: bytes as they are, or a message as text. */
export interface OpenedStream {
  readonly pieces: AsyncIterable<Uint8Array | string>
  /** Where the stream takes input. */
  readonly input: InputQueue | null
  /** What its opening asked. */
  readonly recheck: Recheck
}

/** Checks the right, then opens. A terminal writes its audit row, refused or not. */
export async function openStream(ctx: ActorContext, open: StreamOpen, signal: AbortSignal): Promise<OpenedStream> {
  try {
    requireAccess(ctx.app.policy, ctx.actor, streamAccess[open.kind])
    const opened = await source(ctx, open, signal)
    if (open.kind === 'terminal') await auditTerminal(ctx, open, 'succeeded', null)
    return opened
  } catch (thrown) {
    const { code } = toFlotillaError(thrown)
    if (code === 'PERMISSION_DENIED' || (open.kind === 'terminal' && code === 'NOT_FOUND')) {
      await auditTerminal(ctx, open, 'refused', code)
    }
    throw thrown
  }
}

async function source(ctx: ActorContext, open: StreamOpen, signal: AbortSignal): Promise<OpenedStream> {
  switch (open.kind) {
    case 'logs': {
      const { items, recheck } = containerLogsUnparsed(ctx, open.input, signal)
      return { pieces: asList(items), input: null, recheck }
    }
    case 'stats': {
      const { items, recheck } = containerStats(ctx, open.input, signal)
      return { pieces: asJson(items), input: null, recheck }
    }
    case 'operation': {
      const { items, recheck } = operationProgress(ctx, open.input, signal)
      return { pieces: asJson(items), input: null, recheck }
    }
    case 'terminal': {
      const { container, session, writer } = open.input
      const { client, scope, recheck } = await sessionToAttach(ctx, container, session)
      const input = new InputQueue()
      const output = client.exec.attach({ session, writer }, input, { scope, signal })
      return { pieces: asTerminal(output), input, recheck }
    }
  }
}

async function auditTerminal(
  ctx: ActorContext,
  open: StreamOpen,
  outcome: 'succeeded' | 'refused',
  code: string | null,
): Promise<void> {
  const target = open.kind === 'terminal' ? `${open.input.container} ${open.input.session}` : open.input.id
  await auditStream(ctx, `stream.${open.kind}`, target, outcome, code)
}

async function* asJson(items: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const item of items) yield Buffer.from(JSON.stringify([item]))
}

const [opening, closing] = [Buffer.from('['), Buffer.from(']')]

/** A list of one, made around the text of an item. */
async function* asList(texts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const text of texts) yield Buffer.concat([opening, text, closing])
}

async function* asTerminal(output: AsyncIterable<unknown>): AsyncGenerator<Uint8Array | string> {
  for await (const item of output) yield item instanceof Uint8Array ? item : JSON.stringify(item)
}
