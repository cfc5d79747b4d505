import { join } from 'node:path'
import { type Engine, engineInfo } from '@flotilla/engine'
import { type Service, service } from '@flotilla/link'
import type { Logger } from '@flotilla/log'
import {
  type Call,
  type EngineInfo,
  type HostFacts,
  type Registry,
  agentMethods,
  fail,
  registry,
} from '@flotilla/protocol'
import { Disks } from './disks.ts'
import { dispatcher } from './dispatcher.ts'
import { EngineSet, startTogether } from './engine-set.ts'
import { hostFacts } from './facts.ts'
import { Attribution } from './operations/attribution.ts'
import { OperationJournal } from './operations/journal.ts'
import { Operations } from './operations/operations.ts'
import { hostPorts } from './ports/host-ports.ts'
import { Feeder } from './watch/feeder.ts'
import { WatchHub } from './watch/hub.ts'

export interface AgentOptions {
  engines: readonly Engine[]
  /** The agent's own folder; its operations are journalled there. */
  dataDir: string
  version: string
  log: Logger
  /** What is held back of its disk; left out: in proportion to that. */
  reserveBytes?: number | undefined
  /** What its engines are made of; left out: the product's own nouns. */
  nouns?: Registry
  /** False of one that is not some machine's, such as one inside of a cluster: it tells no facts. Left out: it is. */
  hasMachine?: boolean
}

export interface Agent {
  /** The service of a name on the wire: `agent`, or an engine's id. */
  find(name: string): Service | undefined
  /**
   * Begins to take over what an earlier agent left, and to follow the engines. Once, before anybody calls. Settles when all are
   * there, or soon after those that cannot hang by themselves: what is asked of the others is refused with why.
   */
  recover(): Promise<void>
  /** Takes in an engine that began to be there after the agent, and settles when it is as if it had been there always. */
  add(engine: Engine): Promise<void>
  /** Lets go of everything but containers. */
  close(): Promise<void>
}

export async function createAgent(options: AgentOptions): Promise<Agent> {
  const { dataDir, log, version, nouns = registry, hasMachine = true } = options
  const disks = new Disks({ dataDir, reserveBytes: options.reserveBytes, log })
  const facts = async (): Promise<HostFacts | null> =>
    hasMachine ? hostFacts(dataDir, await disks.own(), version) : null
  const infos = (): EngineInfo[] => engines.all.map((engine) => engineInfo(engine, nouns))
  const operations = new Operations(await OperationJournal.open(join(dataDir, 'operations'), log))
  const hub = new WatchHub({ facts, engines: infos, log, nouns })
  const attribution = new Attribution()
  const parts = { operations, hub, attribution, nouns, disks }
  const feeder = new Feeder({ hub, attribution, nouns, facts, log })
  const engines: EngineSet = new EngineSet({
    ...{ nouns, log, serve: (health) => dispatcher(health, parts), follow: (engine) => feeder.add(engine) },
    onChange(engine, back) {
      hub.enginesChanged()
      if (back) void feeder.sync(engine)
    },
  })
  const first = options.engines.map((engine) => engines.take(engine))

  const own = service(agentMethods, {
    agent: {
      info: async (_input, call) => {
        need(call, agentMethods.agent.info.permission)
        return { facts: await facts(), engines: infos() }
      },
      ports: async (_input, call) => {
        need(call, agentMethods.agent.ports.permission)
        return hostPorts(engines.all, hub, call)
      },
      watch: (input, call) => {
        need(call, agentMethods.agent.watch.permission)
        return hub.watch(input, call.signal)
      },
    },
    operations: {
      list: async (_input, call) => {
        need(call, agentMethods.operations.list.permission)
        return operations.list()
      },
      watch: ({ id }, call) => {
        need(call, agentMethods.operations.watch.permission)
        return operations.watch(id, call.signal)
      },
      cancel: async ({ id }, call) => {
        need(call, agentMethods.operations.cancel.permission)
        return operations.cancel(id, call.signal)
      },
      acknowledge: async ({ ids }, call) => {
        need(call, agentMethods.operations.acknowledge.permission)
        await operations.acknowledge(ids)
        return {}
      },
    },
  })

  return {
    find: (name) => (name === 'agent' ? own : engines.services.get(name)),
    async recover() {
      await disks.open()
      await startTogether(first)
    },
    async add(late) {
      const { start } = engines.take(late)
      hub.enginesChanged()
      await start()
    },
    async close() {
      await operations.close()
      feeder.close()
      attribution.close()
      await engines.close()
      await disks.close()
    },
  }
}

function need(call: Call, permission: string): void {
  if (call.scope.permissions.includes(permission)) return
  throw fail('access.needsRight', { permission })
}
