import { z } from 'zod'
import { cutLabels, cutWords } from '../../cut-row.ts'
import { KernelView, LogBatch, LogsInput, Stats } from './container-io.ts'
import { namedByCreate, sharedContainer } from './container-names.ts'
import { containerOptions, fieldOfCreateOption, optionsOfCreate } from './container-options.ts'
import { containerPermissions } from './container-permissions.ts'
import { containerProblems } from './container-problems.ts'
import { containerView } from './container-view.ts'
import {
  AskedPort,
  Container,
  ContainerCreateInput,
  ContainerDetail,
  ContainerRef,
  PortMapping,
  privilegedReasons,
} from './container.ts'
import { stream, unary } from '../../method.ts'
import { defineNoun } from '../../noun.ts'
import { ContainerChange, Version } from '../../version.ts'
import { imageKind } from '../image/image-kind.ts'
import { networkConnect, networkKind } from '../network/network-kind.ts'
import { volumeKind } from '../volume/volume-kind.ts'
import { rule } from '../../errors/rule.ts'
import { Reason } from '../../reasons/reason.ts'

const one = z.object({ id: ContainerRef })
const target = { kind: 'container', field: 'id' } as const
const signal = z.string().regex(/^(SIG)?[A-Z0-9+-]{1,12}$|^[0-9]{1,2}$/, rule('input.badSignal'))
const removal = one.extend({ force: z.boolean().default(false), volumes: z.boolean().default(false) })
const ending = one.extend({ timeoutSeconds: z.number().int().min(0).max(3600).optional() })

const read = { permission: 'containers.read', target } as const

/** A change of one container's state that answers with it. */
function operate<const Verb extends string>(verb: Verb, summary: string, causes: readonly string[]) {
  const rest = { method: 'POST', path: `/containers/{id}/${verb}`, summary } as const
  return { permission: 'containers.operate', change: true, target, answers: 'row', rest, causes } as const
}

/** Null where the end was not seen; the reason says why, or why it ended so. */
const Ended = z.object({
  exitCode: z.number().int().nullable(),
  reason: z.string().optional(),
  reasonFacts: Reason.optional(),
})

const ports = one.extend({ ports: z.array(PortMapping).min(1).max(500) })
const asked = one.extend({ ports: z.array(AskedPort).min(1).max(500) })

/** A change of a running container's published ports. */
function portChange<const Verb extends string>(verb: Verb, summary: string) {
  return { ...operate(verb, summary, [verb]), permission: networkConnect } as const
}

const methods = {
  list: unary(z.object({ all: z.boolean().default(true) }), z.array(Container), { permission: 'containers.read' }),
  inspect: unary(one, ContainerDetail, {
    ...read,
    rest: { method: 'GET', path: '/containers/{id}', summary: 'Everything about one container' },
  }),
  kernel: unary(one, KernelView, {
    ...read,
    rest: { method: 'GET', path: '/containers/{id}/kernel', summary: 'The container as the kernel sees it' },
  }),
  create: unary(ContainerCreateInput, ContainerChange, {
    permission: 'containers.create',
    change: true,
    answers: 'row',
    schedules: true,
    fills: true,
    causes: ['create'],
    options: optionsOfCreate,
    optionField: fieldOfCreateOption,
    names: namedByCreate,
    privileged: { permission: 'containers.create.privileged', reasons: privilegedReasons },
    carries: 'containers.create.privileged',
    title: ({ name, image }) => name ?? image,
    rest: { method: 'POST', path: '/hosts/{hostId}/containers', summary: 'Create a container on a host' },
  }),
  /** Idempotent: starting what runs answers with it. */
  start: unary(one, ContainerChange, {
    ...operate('start', 'Start it; one that runs stays as it is', ['start']),
    many: true,
    inOrder: true,
  }),
  /** Signals, waits up to the timeout, then kills. Idempotent. The timeout left out is the container's own. */
  stop: unary(ending, ContainerChange, {
    ...operate('stop', 'Ask it to end, then kill it after its timeout', ['stop']),
    many: true,
  }),
  kill: unary(
    one.extend({ signal: signal.default('KILL') }),
    ContainerChange,
    operate('kill', 'Send it a signal', ['kill']),
  ),
  restart: unary(ending, ContainerChange, {
    ...operate('restart', 'Stop it and start it again', ['restart', 'stop', 'start']),
    many: true,
    inOrder: true,
  }),
  pause: unary(one, ContainerChange, operate('pause', 'Freeze its processes', ['pause'])),
  unpause: unary(one, ContainerChange, operate('unpause', 'Let its processes go on', ['unpause'])),
  /** Idempotent. A running container needs `force`, else CONFLICT. With `volumes` those without a name go along. */
  remove: unary(removal, z.object({ version: Version.optional() }), {
    permission: 'containers.remove',
    change: true,
    target,
    answers: 'gone',
    many: true,
    causes: ['destroy'],
    rest: { method: 'DELETE', path: '/containers/{id}', summary: 'Remove it; a running one needs force' },
  }),
  /** Kept over its restarts. Idempotent. A taken port: CONFLICT that names its holder. */
  publish: unary(asked, ContainerChange, portChange('publish', 'Publish ports of it as it runs')),
  /** Another program can bind the ports at once. Idempotent. */
  unpublish: unary(ports, ContainerChange, portChange('unpublish', 'Take published ports back as it runs')),
  /** Answers when the container has ended; call it with no deadline. */
  wait: unary(one, Ended, {
    ...read,
    deadlineMs: 0,
  }),
  logs: stream(LogsInput, LogBatch, {
    permission: 'containers.logs',
    target,
    verbatim: true,
    bulk: true,
    options: ({ since }) => (since === undefined ? [] : ['containers.logs.since']),
    optionField: () => ['since'],
  }),
  /** One sample now, then one each interval until the container ends or the caller goes. */
  stats: stream(one.extend({ intervalMs: z.number().int().min(250).max(60_000).default(1000) }), Stats, {
    ...read,
    verbatim: true,
  }),
}

export const containerNoun = defineNoun({
  kind: 'container',
  plural: 'containers',
  held: 'watched',
  row: Container,
  detail: ContainerDetail,
  view: containerView,
  permissions: containerPermissions,
  methods,
  options: containerOptions,
  adds: {
    shape: {
      usage: z.object({ cpuCores: z.number().nullable(), memoryBytes: z.number() }).nullable(),
    },
    of: (row, { usage }) => ({ usage: row.state === 'running' ? usage : null }),
  },
  active: { name: 'running', is: ({ state }) => state === 'running' },
  refs: ({ imageId, volumes = [], networks = [] }) => [
    ...(imageId === '' ? [] : [{ kind: imageKind, id: imageId }]),
    ...volumes.map((id) => ({ kind: volumeKind, id })),
    ...networks.map((id) => ({ kind: networkKind, id })),
  ],
  follows: ({ network }) => sharedContainer(network),
  problems: containerProblems,
  shortened: (row, reason) => ({
    ...row,
    labels: cutLabels(row.labels),
    command: cutWords(row.command),
    limitations: { ...row.limitations, labels: reason, command: reason },
  }),
  isNewer: (known, answer) => {
    if (known.startedAt !== null && answer.startedAt === null) return true
    const isSameRun = answer.startedAt === known.startedAt
    return isSameRun && known.state === 'exited' && answer.state !== 'exited' && answer.state !== 'removing'
  },
  outcome: (action, { exitCode }) => ({ exitCode: action === 'die' ? exitCode : null }),
})

/** A container with the platform's id; `nativeId` is the engine's. */
export const FleetContainer = containerNoun.fleet
export type FleetContainer = z.infer<typeof FleetContainer>
