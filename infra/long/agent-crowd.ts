import { mkdir } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { createFakeEngine } from '@flotilla/testkit/fake'
import { parseToken, type ServeOptions } from '@flotilla/link'
import { createLogger } from '@flotilla/log'
import { createAgent } from '../../apps/agent/src/agent.ts'
import { IdentityStore } from '../../apps/agent/src/join/identity-store.ts'
import { dial, keep } from '../../apps/agent/src/join/joiner.ts'

// Many agents in one process, each with an identity, a folder and a link of its own; their containers are made up.
// `URL FOLDER CONTAINERS FIRST COUNT`; standard input gives a join token a line, none for agents that have joined before.
// It prints `joined` when all have a link.

const [, , url = '', folder = '', containers = '', first = '', count = ''] = process.argv
const version = '0.1.0'
const log = createLogger('crowd', 'silent')
const stop = new AbortController()

async function startOne(name: string, token: string | undefined): Promise<void> {
  const dataDir = join(folder, name)
  await mkdir(dataDir, { recursive: true })
  const engines = [createFakeEngine({ containers: Number(containers) })]
  const agent = await createAgent({ engines, dataDir, version, log, reserveBytes: 0 })
  await agent.recover()
  const serve: ServeOptions = { find: (service) => agent.find(service), hello: { version, name }, onFailure: () => {} }
  const store = await IdentityStore.open(dataDir, name)
  const joiner = { store, serve, log }
  if (token === undefined) {
    for (const { fingerprint } of store.controlPlanes) void keep(url, fingerprint, joiner, stop.signal)
    return
  }
  const parsed = parseToken(token)
  const session = await dial(url, parsed.fingerprint, joiner, parsed)
  void keep(url, parsed.fingerprint, joiner, stop.signal, session)
}

async function main(): Promise<void> {
  const tokens: string[] = []
  for await (const line of createInterface({ input: process.stdin })) if (line !== '') tokens.push(line)
  // A few at a time, as hosts come in one after the other.
  const names = Array.from({ length: Number(count) }, (_, at) => `agent-${Number(first) + at}`)
  const queue = names.map((name, at) => ({ name, token: tokens[at] }))
  const lane = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await startOne(next.name, next.token)
  }
  await Promise.all([lane(), lane(), lane(), lane()])
  process.stdout.write('joined\n')
}

void main()
