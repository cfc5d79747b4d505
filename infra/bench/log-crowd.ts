import { fork } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { FlotillaError } from '@flotilla/protocol'
import { openTab } from '@flotilla/testkit/lab/tab'
import { liveFeed } from './feeds.ts'

/** Who follows what: so many streams, dealt out over these containers. */
export interface CrowdOrder {
  streams: number
  containers: readonly string[]
  /** Flotilla's address and who signs in, or Docker's socket. */
  from: { url: string; admin: { email: string; password: string } } | { socketPath: string }
}

export interface Crowd {
  /** Lines that came to it in the last second. */
  readonly linesPerSecond: number
  close(): Promise<void>
}

/** Opens the streams in a process of its own, as other tabs would be, and answers when all of them are open. */
export async function gatherCrowd(order: CrowdOrder): Promise<Crowd> {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(order)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    detached: true, // a session of its own: its share of the processor is not that of who types
  })
  let linesPerSecond = 0
  child.on('message', (message: { linesPerSecond: number }) => (linesPerSecond = message.linesPerSecond))
  const ended = once(child, 'exit')
  const first = await Promise.race([once(child, 'message'), ended.then(() => null)])
  if (first === null) throw new FlotillaError('UNAVAILABLE', 'The process that follows logs ended.')
  return {
    get linesPerSecond() {
      return linesPerSecond
    },
    async close() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function follow({ streams, containers, from }: CrowdOrder): Promise<void> {
  let lines = 0
  const names = Array.from({ length: streams }, (_, at) => containers[at % containers.length] ?? '')
  if ('url' in from) {
    const tab = await openTab(from)
    const feeds = await Promise.all(names.map((id) => liveFeed(tab, id)))
    report(() => feeds.reduce((sum, feed) => sum + feed.lines, 0))
    return
  }
  for (const id of names) {
    const path = `/containers/${id}/logs?follow=1&stdout=1&tail=0`
    const asked = request(
      { socketPath: from.socketPath, path, headers: { host: 'docker' }, agent: false },
      (response) => {
        response.on('data', (part: Buffer) => {
          for (let at = part.indexOf(10); at >= 0; at = part.indexOf(10, at + 1)) lines += 1
        })
      },
    )
    asked.end()
    await once(asked, 'response')
  }
  report(() => lines)
}

function report(lines: () => number): void {
  let before = lines()
  process.send?.({ linesPerSecond: 0 })
  setInterval(() => {
    const now = lines()
    process.send?.({ linesPerSecond: now - before })
    before = now
  }, 1000)
}

const [, script, order] = process.argv
if (script === fileURLToPath(import.meta.url) && order !== undefined) {
  process.on('disconnect', () => process.exit(0))
  await follow(JSON.parse(order) as CrowdOrder)
}
