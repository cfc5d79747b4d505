import { z } from 'zod'
import { EngineInfo, HostFacts } from './host.ts'
import { stream, unary } from './method.ts'
import { Operation, OperationId } from './operation.ts'
import { HostPorts } from './reach.ts'
import { WatchInput, WatchItem } from './watch.ts'

/** What can be asked of the agent itself, beside its engines. */
export const agentMethods = {
  agent: {
    info: unary(z.object({}), z.object({ facts: HostFacts.nullable(), engines: z.array(EngineInfo) }), {
      permission: 'hosts.read',
    }),
    /** The host's open ports as they are now, and who reaches them. */
    ports: unary(z.object({}), HostPorts, { permission: 'hosts.ports', deadlineMs: 60_000 }),
    /** The host's whole state, then its changes. */
    watch: stream(WatchInput, WatchItem, { permission: 'hosts.read' }),
  },
  operations: {
    list: unary(z.object({}), z.array(Operation).max(1000), { permission: 'containers.read' }),
    /** The operation as it is, then at each change, until it ends. */
    watch: stream(z.object({ id: OperationId }), Operation, { permission: 'containers.read' }),
    cancel: unary(z.object({ id: OperationId }), Operation, { permission: 'containers.operate' }),
    /** The outcomes of these steps are written down where they were asked for, and need not be kept any longer. Idempotent. */
    acknowledge: unary(z.object({ ids: z.array(OperationId).max(1000) }), z.object({}), {
      permission: 'containers.operate',
    }),
  },
}
export type AgentMethods = typeof agentMethods

/** The version of this protocol; both sides say theirs in the first exchange. */
export const protocolVersion = 1
