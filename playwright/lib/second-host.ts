import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Platform } from '@flotilla/testkit/lab/platform'
import { type PlatformProcess, startProcess } from '@flotilla/testkit/lab/platform-process'

export interface SecondHost {
  /** With SIGKILL, as a machine that loses its power. */
  kill(): Promise<void>
  /** Again, with the key that it joined with. */
  start(): void
  stop(): Promise<void>
}

/** The real agent in a folder of its own, joining by the command's token; its engine holds three containers in memory. */
export async function joinSecondHost(platform: Platform, command: string): Promise<SecondHost> {
  const token = /^FLOTILLA_JOIN_TOKEN=(\S+)/.exec(command)?.[1]
  if (token === undefined) throw new Error(`There is no token in: ${command}`)
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-second-'))
  const env = {
    FLOTILLA_DATA_DIR: folder,
    FLOTILLA_RUN_DIR: join(folder, 'run'),
    FLOTILLA_FAKE_CONTAINERS: '3',
    FLOTILLA_JOIN_TOKEN: token,
    PATH: process.env['PATH'] ?? '',
  }
  const start = (argv: string[]): PlatformProcess =>
    startProcess([process.execPath, platform.build.fakeAgent, ...argv], env, join(folder, 'log'))
  let agent = start(['join', platform.url])
  return {
    kill: () => agent.kill(),
    start: () => {
      agent = start([])
    },
    async stop() {
      await agent.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
