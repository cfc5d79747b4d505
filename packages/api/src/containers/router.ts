import { ExecSession, FleetContainer } from '@flotilla/protocol'
import { z } from 'zod'
import { procedure, router } from '../trpc.ts'
import { createExec, listExec, removeExec, runCommand } from './exec-service.ts'
import {
  changeContainer,
  createContainer,
  inspectContainer,
  kernelView,
  listContainers,
  removeContainer,
} from './service.ts'
import * as shapes from './shapes.ts'

const operate = (path: `/${string}`, summary: string) =>
  procedure('containers.operate', { method: 'POST', path, summary })

export const containersRouter = router({
  list: procedure('containers.read', { method: 'GET', path: '/containers', summary: 'List containers of all hosts' })
    .input(shapes.ContainerQuery)
    .output(shapes.ContainerPage)
    .query(({ ctx, input }) => listContainers(ctx, input)),
  inspect: procedure('containers.read', { method: 'GET', path: '/containers/{id}', summary: 'Everything about one' })
    .input(shapes.ContainerRefInput)
    .output(shapes.FleetContainerDetail)
    .query(({ ctx, input }) => inspectContainer(ctx, input.id)),
  kernel: procedure('containers.read', {
    method: 'GET',
    path: '/containers/{id}/kernel',
    summary: 'The container as the kernel sees it',
  })
    .input(shapes.ContainerRefInput)
    .output(shapes.KernelAnswer)
    .query(({ ctx, input }) => kernelView(ctx, input.id)),
  create: procedure('containers.create', {
    method: 'POST',
    path: '/hosts/{hostId}/containers',
    summary: 'Create a container on a host',
  })
    .input(shapes.CreateInput)
    .output(FleetContainer)
    .mutation(({ ctx, input }) => createContainer(ctx, input)),
  start: operate('/containers/{id}/start', 'Start it; one that runs stays as it is')
    .input(shapes.ChangeInput)
    .output(FleetContainer)
    .mutation(({ ctx, input }) => changeContainer(ctx, 'start', input)),
  stop: operate('/containers/{id}/stop', 'Ask it to end, then kill it after its timeout')
    .input(shapes.StopInput)
    .output(FleetContainer)
    .mutation(({ ctx, input }) => changeContainer(ctx, 'stop', input)),
  kill: operate('/containers/{id}/kill', 'Send it a signal')
    .input(shapes.KillInput)
    .output(FleetContainer)
    .mutation(({ ctx, input }) => changeContainer(ctx, 'kill', input)),
  restart: operate('/containers/{id}/restart', 'Stop it and start it again')
    .input(shapes.StopInput)
    .output(FleetContainer)
    .mutation(({ ctx, input }) => changeContainer(ctx, 'restart', input)),
  pause: operate('/containers/{id}/pause', 'Freeze its processes')
    .input(shapes.ChangeInput)
    .output(FleetContainer)
    .mutation(({ ctx, input }) => changeContainer(ctx, 'pause', input)),
  unpause: operate('/containers/{id}/unpause', 'Let its processes go on')
    .input(shapes.ChangeInput)
    .output(FleetContainer)
    .mutation(({ ctx, input }) => changeContainer(ctx, 'unpause', input)),
  remove: procedure('containers.remove', {
    method: 'DELETE',
    path: '/containers/{id}',
    summary: 'Remove it; a running one needs force',
  })
    .input(shapes.RemoveInput)
    .output(shapes.RemoveAnswer)
    .mutation(({ ctx, input }) => removeContainer(ctx, input)),
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
})
