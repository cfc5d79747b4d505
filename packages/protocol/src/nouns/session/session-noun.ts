import { z } from 'zod'
import { ContainerRef } from '../container/container.ts'
import { ExecAttachInput, ExecCreateInput, ExecDown, ExecSession, ExecUp } from './exec.ts'
import { duplex, unary } from '../../method.ts'
import { defineNoun } from '../../noun.ts'
import { containerExec, containerKind, containerPrivileged } from '../container/container-kind.ts'

const container = { kind: containerKind, field: 'id' } as const
const permission = containerExec
/** What commands take in a container that reaches its host, which the engine sees. */
const carries = containerPrivileged

const methods = {
  create: unary(ExecCreateInput, ExecSession, { permission, carries, change: true, target: container }),
  attach: duplex(ExecAttachInput, { up: ExecUp, down: ExecDown }, { permission, carries, verbatim: true }),
  list: unary(z.object({ id: ContainerRef }), z.array(ExecSession), { permission, target: container }),
  /** Ends the session if it still runs, and forgets it. Idempotent. */
  remove: unary(z.object({ session: z.string().min(1).max(128) }), z.object({}), {
    permission,
    change: true,
    title: ({ session }) => session,
  }),
}

/** A command that runs in a container beside its own, with a terminal or without. */
export const sessionNoun = defineNoun({
  kind: 'session',
  plural: 'exec',
  held: 'asked',
  parent: container,
  row: ExecSession,
  detail: z.object({ session: ExecSession }),
  view: {
    title: ({ command }) => command.join(' '),
    names: () => [],
    search: ({ command }) => command,
    filters: {},
    sorts: { created: ({ createdAt }) => createdAt },
  },
  permissions: {},
  methods,
  options: ['exec.attach.survivesAgent'],
})
