import { once } from 'node:events'
import { spawn } from '@flotilla/host'
import { logBatches, type Tab } from '@flotilla/testkit/lab/tab'
import type { DockerPeer } from './docker-peer.ts'

/** Lines of a container's log as they come to a client. */
export interface Feed {
  /** Lines that came, and of Flotilla those that it said were dropped by rotation. */
  readonly lines: number
  readonly skipped: number
  /** Where lines do not come by themselves: asks what has come. */
  look?(): Promise<void>
  close(): Promise<void>
}

/** `at`: when it came, where that is not now; in milliseconds of `performance.now()`. */
export type OnLine = (text: string, at?: number) => void

/** Over the live channel, as a tab of the dashboard follows it. */
export async function liveFeed(tab: Tab, id: string, onLine?: OnLine): Promise<Feed> {
  const seen = { lines: 0, skipped: 0 }
  const stream = await tab.open({ kind: 'logs', input: { id, follow: true, tail: 0 } }, (piece) => {
    for (const batch of logBatches(piece)) {
      seen.lines += batch.lines.length
      seen.skipped += batch.gap?.lines ?? 0
      if (onLine !== undefined) for (const { text } of batch.lines) onLine(text)
    }
  })
  return {
    get lines() {
      return seen.lines
    },
    get skipped() {
      return seen.skipped
    },
    close: () => Promise.resolve(stream.close()),
  }
}

/** By `docker logs --follow`. */
export function dockerFeed(docker: DockerPeer, id: string, onLine?: OnLine): Feed {
  const child = spawn(docker.command('logs', '--follow', '--tail', '0', id), { stdio: ['ignore', 'pipe', 'ignore'] })
  let lines = 0
  let rest = ''
  child.stdout?.on('data', (part: Buffer) => {
    if (onLine === undefined) {
      for (let at = part.indexOf(10); at >= 0; at = part.indexOf(10, at + 1)) lines += 1
      return
    }
    const all = (rest + part.toString()).split('\n')
    rest = all.pop() ?? ''
    lines += all.length
    for (const text of all) onLine(text)
  })
  return {
    get lines() {
      return lines
    },
    skipped: 0,
    async close() {
      if (child.exitCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'close')
    },
  }
}
