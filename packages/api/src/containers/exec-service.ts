import { scopeFor } from '@flotilla/auth'
import {
  containerNoun,
  containerPrivileged,
  type ExecSession,
  fail,
  refuseHostReach,
  sessionNoun,
} from '@flotilla/protocol'
import type { z } from 'zod'
import type { ActorContext } from '../context.ts'
import { changeOptions, idAfter, readOptions } from '../fleet/call-options.ts'
import { placeOfObject } from '../nouns/place.ts'
import { collectOutput } from './collect-output.ts'
import type { CreateExecInput, RunAnswer, RunInput } from './shapes.ts'

/** Runs one command to its end and gives its output. At the deadline the command is ended and TIMEOUT thrown. */
export async function runCommand(
  ctx: ActorContext,
  input: z.output<typeof RunInput>,
): Promise<z.output<typeof RunAnswer>> {
  const { id, stdin, timeoutSeconds, ...command } = input
  const engine = await engineToRun(ctx, id)
  const creating = changeOptions(ctx, engine.scope, undefined)
  const session = await engine.client.exec.create({ ...command, id: engine.nativeId, tty: false }, creating)
  try {
    const outgoing = inputOf(stdin)
    const options = { ...readOptions(engine.scope), timeoutMs: timeoutSeconds * 1000 }
    return await collectOutput(engine.client.exec.attach({ session: session.id }, outgoing, options))
  } finally {
    const removing = changeOptions(ctx, engine.scope, idAfter(creating.operationId, 'remove'))
    await engine.client.exec.remove({ session: session.id }, removing)
  }
}

/** A terminal's session. It belongs to its maker: nobody else may attach to it. */
export async function createExec(ctx: ActorContext, input: z.output<typeof CreateExecInput>): Promise<ExecSession> {
  const { id, operationId, ...rest } = input
  const engine = await engineToRun(ctx, id)
  return engine.client.exec.create({ ...rest, id: engine.nativeId }, changeOptions(ctx, engine.scope, operationId))
}

/** The caller's own sessions in the container. */
export async function listExec(ctx: ActorContext, ref: string): Promise<ExecSession[]> {
  const engine = engineOf(ctx, ref)
  const sessions = await engine.client.exec.list({ id: engine.nativeId }, readOptions(engine.scope))
  return sessions.filter((session) => session.actor === ctx.actor.userId)
}

/** Ends the session if it still runs. One of somebody else, or of another container, is NOT_FOUND. */
export async function removeExec(ctx: ActorContext, ref: string, session: string): Promise<void> {
  const { client, scope } = await ownSession(ctx, ref, session)
  await client.exec.remove({ session }, changeOptions(ctx, scope, undefined))
}

/** Finds a session to attach to, of a container that the caller may run commands in. */
export async function sessionToAttach(ctx: ActorContext, ref: string, session: string) {
  await requireHostRight(ctx, engineOf(ctx, ref))
  return ownSession(ctx, ref, session)
}

async function ownSession(ctx: ActorContext, ref: string, session: string) {
  const engine = engineOf(ctx, ref)
  const sessions = await listExec(ctx, ref)
  if (!sessions.some((own) => own.id === session)) {
    throw fail('session.notInContainer')
  }
  return engine
}

/** The same for who is to run something in it: PERMISSION_DENIED where that would reach its host and they may not. */
async function engineToRun(ctx: ActorContext, ref: string) {
  const engine = engineOf(ctx, ref)
  await requireHostRight(ctx, engine)
  return engine
}

function engineOf(ctx: ActorContext, ref: string) {
  const place = placeOfObject(ctx, { kind: 'container', ref }, sessionNoun.methods.create)
  const { client, scope, row, recheck } = place
  return { client, scope, nativeId: row.value.id, recheck }
}

/** Asks the engine what the container is, where the caller lacks the right that it may take. The agent asks once more. */
async function requireHostRight(
  { actor }: ActorContext,
  { client, scope, nativeId }: ReturnType<typeof engineOf>,
): Promise<void> {
  if (scope.permissions.includes(containerPrivileged)) return
  const reading = scopeFor(actor, [containerNoun.methods.inspect.permission], scope.object)
  refuseHostReach(await client.containers.inspect({ id: nativeId }, readOptions(reading)))
}

async function* inputOf(stdin: string | undefined): AsyncGenerator<Uint8Array | { type: 'stdin-end' }> {
  if (stdin !== undefined && stdin !== '') yield await Promise.resolve(Buffer.from(stdin))
  yield { type: 'stdin-end' }
}
