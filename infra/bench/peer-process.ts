import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { FlotillaError } from '@flotilla/protocol'
import { goAhead } from '@flotilla/launch/account'

/** A peer in a process of its own. */
export interface Peer<Reported> {
  readonly pid: number
  /** What it said first, such as its port. */
  readonly reported: Reported
  close(): Promise<void>
}

/** Starts a file of this folder and gives it its order; throws UNAVAILABLE where it ends before it speaks. */
export async function startPeer<Reported>(file: string, order: unknown): Promise<Peer<Reported>> {
  const path = fileURLToPath(new URL(file, import.meta.url))
  // A session of its own that goes ahead as the platform's do: on a busy machine neither has more of the processor.
  const child = fork(path, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], detached: true })
  if (child.pid !== undefined) goAhead(child.pid)
  child.send({ order }) // it may be too large for a command line
  const ended = once(child, 'exit')
  const first = await Promise.race([once(child, 'message'), ended.then(() => null)])
  if (first === null || child.pid === undefined) throw new FlotillaError('UNAVAILABLE', `${file} ended at once.`)
  return { pid: child.pid, reported: first[0] as Reported, close: () => end(child, ended) }
}

async function end(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode === null) child.kill('SIGKILL')
  await ended
}

/** In the child: waits for its order, and ends with its parent. */
export async function readOrder<Order>(): Promise<Order> {
  process.once('disconnect', () => process.exit(0))
  const [message] = (await once(process, 'message')) as [{ order: Order }]
  return message.order
}
