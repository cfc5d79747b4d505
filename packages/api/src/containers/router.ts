import { containerNoun, ExecSession, FleetContainer } from '@flotilla/protocol'
import { z } from 'zod'
import { procedure } from '../trpc.ts'
import { createExec, listExec, removeExec, runCommand } from './exec-service.ts'
import { createContainer } from './service.ts'
import * as shapes from './shapes.ts'

/** What the control plane does with containers beyond passing calls on. */
export const containerProcedures = {
  create: procedure('containers.create', containerNoun.methods.create.rest)
    .input(shapes.CreateInput)
    .output(FleetContainer)
    .mutation(({ ctx, input }) => createContainer(ctx, input)),
  exec: procedure('containers.exec', {
    method: 'POST',
    path: '/containers/{id}/exec',
    summary: 'Run one command in it and answer with its output',
  })
    .input(shapes.RunInput)
    .output(shapes.RunAnswer)
    .mutation(({ ctx, input }) => runCommand(ctx, input)),
  createExec: procedure('containers.exec', {
    method: 'POST',
    path: '/containers/{id}/exec-sessions',
    summary: 'Make a terminal session',
  })
    .input(shapes.CreateExecInput)
    .output(ExecSession)
    .mutation(({ ctx, input }) => createExec(ctx, input)),
  listExec: procedure('containers.exec', {
    method: 'GET',
    path: '/containers/{id}/exec-sessions',
    summary: 'List your terminal sessions in it',
  })
    .input(shapes.ContainerRefInput)
    .output(z.array(ExecSession))
    .query(({ ctx, input }) => listExec(ctx, input.id)),
  removeExec: procedure('containers.exec', {
    method: 'DELETE',
    path: '/containers/{id}/exec-sessions/{session}',
    summary: 'End a terminal session',
  })
    .input(shapes.SessionInput)
    .output(shapes.Nothing)
    .mutation(async ({ ctx, input }) => {
      await removeExec(ctx, input.id, input.session)
      return {}
    }),
}
