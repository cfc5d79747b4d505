import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FakeAgent, startFakeAgent } from './fake-agent.ts'
import { type TestControlPlane, type TestOptions, openControlPlane, until } from './open-control-plane.ts'

/** A control plane whose own host has the real agent over an engine in memory. */
export async function openWithAgent(options: TestOptions & { containers?: number; layerMs?: number } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'fag-'))
  const { containers = 5, layerMs = 30 } = options
  const slow = { FLOTILLA_FAKE_LAYER_MS: String(layerMs) }
  const agent: FakeAgent = await startFakeAgent({ folder, containers, env: slow })
  const plane: TestControlPlane = await openControlPlane({ ...options, agentSocket: agent.socket }).catch(
    async (error: unknown) => {
      await agent.stop()
      await rm(folder, { recursive: true, force: true })
      throw error
    },
  )
  const host = () => {
    const [first] = plane.app.index.hosts(plane.scope)
    if (first === undefined) throw new Error('there is no host')
    return first
  }
  await until(() => host().state === 'connected', 20_000, 'the first connection')
  return {
    agent,
    plane,
    host,
    async dispose() {
      await plane.dispose()
      await agent.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
export type WithAgent = Awaited<ReturnType<typeof openWithAgent>>
