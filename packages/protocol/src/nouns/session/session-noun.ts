import { z } from 'zod'
import { ContainerRef } from '../container/container.ts'
import { ExecAttachInput, ExecCreateInput, ExecDown, ExecSession, ExecUp } from './exec.ts'
import { duplex, unary } from '../../method.ts'
import { defineNoun } from '../../noun.ts'
import { containerExec, containerKind } from '../container/container-kind.ts'

const container = { kind: containerKind, field: 'id' } as const
const permission = containerExec

const methods = {
  create: unary(ExecCreateInput, ExecSession, { permission, change: true, target: container }),
  attach: duplex(ExecAttachInput, { up: ExecUp, down: ExecDown }, { permission, verbatim: true }),
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
