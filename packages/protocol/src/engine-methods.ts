import { z } from 'zod'
import { KernelView, LogBatch, LogsInput, Stats } from './container-io.ts'
import { Container, ContainerDetail, ContainerRef, ContainerSpec } from './container.ts'
import { ExecAttachInput, ExecCreateInput, ExecDown, ExecSession, ExecUp } from './exec.ts'
import { Image, ImageDetail, ImageRef, ImageRemoval, PullInput } from './image.ts'
import { duplex, stream, unary } from './method.ts'
import { ContainerChange, EngineEvent, Version } from './watch.ts'

const one = z.object({ id: ContainerRef })
const operate = { permission: 'containers.operate', change: true } as const
const signal = z.string().regex(/^(SIG)?[A-Z0-9+-]{1,12}$|^[0-9]{1,2}$/, 'must be a signal such as TERM or 15')

/**
 * The method table: what can be asked of an engine. The Engine type, the agent's dispatcher, the control plane's proxy,
 * validation and capabilities derive from it.
 */
export const engineMethods = {
  containers: {
    list: unary(z.object({ all: z.boolean().default(true) }), z.array(Container), { permission: 'containers.read' }),
    inspect: unary(one, ContainerDetail, { permission: 'containers.read' }),
    kernel: unary(one, KernelView, { permission: 'containers.read' }),
    create: unary(ContainerSpec, ContainerChange, { permission: 'containers.create', change: true }),
    /** Idempotent: starting what runs answers with it. */
    start: unary(one, ContainerChange, operate),
    /** Signals, waits up to the timeout, then kills. Idempotent. The timeout left out is the container's own. */
    stop: unary(one.extend({ timeoutSeconds: z.number().int().min(0).max(3600).optional() }), ContainerChange, operate),
    kill: unary(one.extend({ signal: signal.default('KILL') }), ContainerChange, operate),
    restart: unary(
      one.extend({ timeoutSeconds: z.number().int().min(0).max(3600).optional() }),
      ContainerChange,
      operate,
    ),
    pause: unary(one, ContainerChange, operate),
    unpause: unary(one, ContainerChange, operate),
    /** Idempotent. A running container needs `force`, else CONFLICT. */
    remove: unary(one.extend({ force: z.boolean().default(false) }), z.object({ version: Version.optional() }), {
      permission: 'containers.remove',
      change: true,
    }),
    /** Answers when the container has ended; call it with no deadline. */
    wait: unary(one, z.object({ exitCode: z.number().int().nullable(), reason: z.string().optional() }), {
      permission: 'containers.read',
    }),
    logs: stream(LogsInput, LogBatch, { permission: 'containers.logs' }),
    /** One sample now, then one each interval until the container ends or the caller goes. */
    stats: stream(one.extend({ intervalMs: z.number().int().min(250).max(60_000).default(1000) }), Stats, {
      permission: 'containers.read',
    }),
  },
  exec: {
    create: unary(ExecCreateInput, ExecSession, { permission: 'containers.exec', change: true }),
    attach: duplex(ExecAttachInput, { up: ExecUp, down: ExecDown }, { permission: 'containers.exec' }),
    list: unary(one, z.array(ExecSession), { permission: 'containers.exec' }),
    /** Ends the session if it still runs, and forgets it. Idempotent. */
    remove: unary(z.object({ session: z.string().min(1).max(128) }), z.object({}), {
      permission: 'containers.exec',
      change: true,
    }),
  },
  images: {
    list: unary(z.object({}), z.array(Image), { permission: 'images.read' }),
    inspect: unary(z.object({ id: ImageRef }), ImageDetail, { permission: 'images.read' }),
    /** Answers when the image is there; its layers are reported as progress of the operation. */
    pull: unary(PullInput, z.object({ image: Image, version: Version.optional() }), {
      permission: 'images.pull',
      change: true,
    }),
    /** A reference is untagged; an id goes with all its references. In use: CONFLICT unless nothing needs it. */
    remove: unary(z.object({ id: ImageRef, force: z.boolean().default(false) }), ImageRemoval, {
      permission: 'images.remove',
      change: true,
    }),
  },
  events: {
    /** Every change from now on, whoever made it. */
    watch: stream(z.object({}), EngineEvent, { permission: 'containers.read' }),
  },
}
export type EngineMethods = typeof engineMethods

/** Options of a method that an engine may lack; each absence carries a reason as a method's does. */
export const engineOptions = [
  'containers.create.pull',
  'containers.create.devices',
  'containers.create.capabilities',
  'containers.create.seccomp',
  'containers.create.maskedPaths',
  'containers.create.mounts.bind',
  'containers.create.mounts.tmpfs',
  'containers.create.network.bridge',
  'containers.create.network.host',
  'containers.create.ports',
  'containers.create.hostNamespaces',
  'containers.create.memoryLimit',
  'containers.create.cpuLimit',
  'containers.create.pidsLimit',
  'containers.create.restart',
  'containers.logs.since',
  'exec.attach.survivesAgent',
] as const
export type EngineOption = (typeof engineOptions)[number]
