import { type Client, type EngineMethods, engineOptions } from '@flotilla/protocol'
import { afterAll, beforeAll, describe, expect, it, type TaskMeta } from 'vitest'
import { engineMethod, engineMethodNames } from '@flotilla/engine'
import { events } from './events.ts'
import { exec } from './exec.ts'
import { fields } from './fields.ts'
import { images } from './images.ts'
import { isolation } from './isolation.ts'
import { Kit } from './kit.ts'
import { life } from './life.ts'
import { limits } from './limits.ts'
import { logs } from './logs.ts'
import { mounts } from './mounts.ts'
import { networkRaces } from './network-races.ts'
import { networks } from './networks.ts'
import { ports } from './ports.ts'
import { thisMachine } from './machines.ts'
import { process } from './process.ts'
import { isRefused } from './refusal.ts'
import { restart } from './restart.ts'
import { sharedNetwork } from './shared-network.ts'
import type { Subject, SubjectFactory, TestHost } from './subject.ts'
import type { AddTest, Topic } from './topic.ts'
import { volumeFiles } from './volume-files.ts'
import { volumes } from './volumes.ts'
import { way } from './way.ts'

/** A row's place in the table of method, engine and transport that the test run prints. */
export interface ContractPlace {
  engine: string
  /** `straight`, or the transport's name. */
  transport: string
  /**
   * `way`: only the topics that look at the way to the engine, each method among them; what it does with options, and what is
   * the engine's own, is shown elsewhere.
   */
  depth?: 'whole' | 'way'
  /** Why this engine is not run over other transports, by their names. */
  notRun?: Readonly<Record<string, string>>
}

declare module 'vitest' {
  interface TaskMeta {
    /** Read by infra/ci/contract-table.mjs. */
    contract?: ContractPlace & { used: string[]; refused: string[]; notShown?: Record<string, string> }
  }
}

/** What any way to an engine must carry: every method, bytes both ways, errors, streams that are left. */
const wayTopics: readonly Topic[] = [way, life, events, logs, exec, images, volumes, volumeFiles].flatMap(
  // What waits for one another on a machine stands among the others: side by side each would take as long as all.
  (topic, at) => [topic, ...networks.slice(at, at + 1)],
)
const wholeTopics: readonly Topic[] = [process, limits, isolation, mounts, fields, restart]
const topics: readonly Topic[] = [...wayTopics, ...wholeTopics, sharedNetwork, networkRaces, ports]
/** What the others look at has nothing of a network, which is half of a container's start: theirs have none. */
const online = new Set<Topic>([way, ...networks, fields, sharedNetwork, networkRaces, ports])
const allNames = [...engineMethodNames, ...engineOptions]

/**
 * The contract of an engine, both sides of it: what is claimed works, what is not claimed is refused with a reason. The tests
 * of one subject run side by side, each on containers of its own.
 */
export function contractSuite(place: string | ContractPlace, open: SubjectFactory): void {
  const given = typeof place === 'string' ? { engine: place, transport: 'straight' } : place
  const { engine, transport, depth = 'whole', notRun }: ContractPlace = given
  describe(`contract: ${engine}, ${transport}`, () => {
    const state: { subject?: Subject; host?: TestHost; reason: string } = { reason: '' }
    const seen = new Set<string>()
    beforeAll(async () => {
      const opened = await open()
      if ('unreachable' in opened) {
        state.reason = opened.unreachable
        return
      }
      state.subject = opened
      state.host = opened.host ?? (await thisMachine())
    })
    afterAll(async () => {
      await state.subject?.cleanup()
      await state.host?.remove()
    })

    const run = async (meta: TaskMeta, needs: readonly string[], body: (kit: Kit) => Promise<void>) => {
      const { subject, host } = state
      if (subject === undefined || host === undefined) return
      const reported = {
        engine,
        transport,
        depth,
        used: needs.filter((name) => engineMethod(name) === undefined),
        refused: [] as string[],
        ...(notRun && { notRun }),
      }
      meta.contract = reported
      const note = (name: string) => {
        if (!reported.used.includes(name)) reported.used.push(name)
      }
      const kit = new Kit(subject, (client) => recorded(client, note), host)
      const missing = needs.filter((name) => !kit.claims(name))
      try {
        if (missing.length === 0) {
          const lacking = shownElsewhere(subject)
          reported.used = reported.used.filter((name) => lacking[name] === undefined)
          await body(kit)
          for (const name of reported.used) seen.add(name)
        } else {
          reported.used = []
          for (const name of missing) if (await isRefused(kit, name)) reported.refused.push(name)
        }
      } finally {
        await kit.clean()
      }
    }
    const add: AddTest = (title, needs, body, options) =>
      (options?.alone === true ? it : it.concurrent)(title, async (context) => {
        if (state.subject === undefined) return context.skip(state.reason)
        await run(context.task.meta, needs, body)
      })
    const isWhole = depth === 'whole'
    for (const topic of isWhole ? topics : wayTopics) {
      const test = online.has(topic) ? add : addOffline(add)
      topic(test, isWhole ? test : () => {})
    }

    it('refuses whatever it does not claim, and was tried in all that it claims', async (context) => {
      const { subject } = state
      if (subject === undefined) return context.skip(state.reason)
      await run(context.task.meta, [], async (kit) => {
        const lacks = allNames.filter((name) => !kit.claims(name))
        for (const name of lacks) {
          if (await isRefused(kit, name)) context.task.meta.contract?.refused.push(name)
        }
        const elsewhere = shownElsewhere(subject)
        const claimed = allNames.filter((name) => kit.claims(name))
        const notShown = Object.entries(elsewhere).filter(([name]) => claimed.includes(name))
        if (context.task.meta.contract !== undefined) context.task.meta.contract.notShown = Object.fromEntries(notShown)
        const wanted = depth === 'whole' ? claimed : claimed.filter((name) => engineMethod(name) !== undefined)
        const untried = wanted.filter((name) => !seen.has(name) && elsewhere[name] === undefined)
        expect(untried).toEqual([])
      })
      if (subject.openCalls !== undefined) await expect.poll(() => subject.openCalls?.(), { timeout: 5000 }).toBe(0)
    })
  })
}

function addOffline(add: AddTest): AddTest {
  return (title, needs, body, options) => add(title, needs, (kit) => body(kit.offline()), options)
}

/** What needs something that this subject has not got, and why. */
function shownElsewhere({ reopen, pullable }: Subject): Record<string, string> {
  const noRegistry = 'there is no registry here'
  return {
    ...(reopen === undefined
      ? { 'exec.attach.survivesAgent': 'the engine is closed and opened again in one column alone' }
      : {}),
    'containers.create.antiSpoofing': 'frames of others’ are sent in a test of the bridge itself',
    ...(pullable === undefined ? { 'images.pull': noRegistry, 'containers.create.pull': noRegistry } : {}),
  }
}

/** The client, telling the name of each method that is called. */
function recorded(client: Client<EngineMethods>, note: (name: string) => void): Client<EngineMethods> {
  const all: Record<string, Record<string, (...input: unknown[]) => unknown>> = {}
  for (const name of engineMethodNames) {
    const [noun = '', verb = ''] = name.split('.')
    const verbs = (client as unknown as typeof all)[noun]
    all[noun] ??= {}
    all[noun][verb] = (...input) => {
      note(name)
      return verbs?.[verb]?.(...input)
    }
  }
  return all as unknown as Client<EngineMethods>
}
