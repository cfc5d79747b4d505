import { constants } from 'node:fs'
import { mkdtemp, open } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runOk } from '@flotilla/host'
import { watchLog } from '@flotilla/testkit/browser/log-watcher'
import { openTab, type Tab, until } from '@flotilla/testkit/lab/tab'
import type { Bench } from './bench.ts'
import { dockerFeed, type Feed, liveFeed, type OnLine } from './feeds.ts'
import { type Figure, judge } from './figure.ts'
import type { Stage } from './stage.ts'

const linesARun = 60
const gapMs = 20
const floodMs = 5000
const warmMs = 1000
/** 80 bytes with its newline. */
const floodLine = 'x'.repeat(79)

export const logsBench: Bench = {
  id: 'logs',
  title: 'Log lines',
  how: `Latency: a line is handed to \`cat\` in the container, whose output it is, and the clock runs until a client has it; ${linesARun} lines a
turn, one each ${gapMs} ms. Flotilla's client is a socket.io client in Node on the live channel, through agent and control plane;
Docker's is \`docker logs --follow\`. Sustained: \`yes\` with lines of 80 bytes for ${floodMs / 1000} s, lines that reached the client a second. In
Chromium: the dashboard's page of the log, headless on this machine; the clock runs until the line stands in the page, and a page
takes more lines only when it has drawn those before.`,
  async measure(stage) {
    const tab = await openTab(stage.platform)
    try {
      return [...(await latency(stage, tab)), await flood(stage, tab), ...(await inChromium(stage))]
    } finally {
      tab.close()
    }
  },
}

async function latency(stage: Stage, tab: Tab): Promise<Figure[]> {
  const ours: Side = await side(stage, 'ours', (onLine, id) => liveFeed(tab, id, onLine))
  const theirs: Side = await side(stage, 'docker', (onLine, id) =>
    Promise.resolve(dockerFeed(stage.docker, id, onLine)),
  )
  try {
    const values = { ours: [] as number[], theirs: [] as number[] }
    for (let turn = 0; turn <= stage.runs; turn += 1) {
      for (const [name, one] of [
        ['ours', ours],
        ['theirs', theirs],
      ] as const) {
        const measured = await one.lines(linesARun)
        if (turn > 0) values[name].push(...measured)
      }
    }
    const peers = [{ name: 'docker logs', values: values.theirs }]
    return [
      judge({ what: 'line from write to client, p50', unit: 'ms', ours: values.ours, peers }),
      judge({
        what: 'line from write to client, p95',
        unit: 'ms',
        ours: values.ours,
        peers,
        percent: 95,
        target: { atMost: 100 },
      }),
    ]
  } finally {
    await ours.close()
    await theirs.close()
  }
}

interface Side {
  /** Writes so many lines and gives how long each took, in milliseconds. */
  lines(count: number): Promise<number[]>
  close(): Promise<void>
}

/** A container that prints what is written into a pipe on this machine, and a client that follows it. */
async function side(stage: Stage, name: string, follow: (onLine: OnLine, id: string) => Promise<Feed>): Promise<Side> {
  const folder = await mkdtemp(join(stage.folder, 'pipe-'))
  await runOk(['mkfifo', join(folder, 'in')])
  const command = ['/bin/sh', '-c', 'exec cat /pipe/in']
  const mounts = [{ type: 'bind', source: folder, target: '/pipe' }]
  const isOurs = name === 'ours'
  const id = isOurs
    ? (await stage.run({ command, mounts })).id
    : await stage.docker.cli(['run', '-d', '-v', `${folder}:/pipe`, stage.dockerStarter, ...command])
  const arrived = new Map<string, number>()
  const feed = await follow((text, at = performance.now()) => arrived.has(text) || arrived.set(text, at), id)
  const pipe = await open(join(folder, 'in'), constants.O_RDWR)
  let count = 0
  const one = async () => {
    const text = `line ${(count += 1)}`
    const begun = performance.now()
    await pipe.write(`${text}\n`)
    return { text, begun }
  }
  await until('the first line', async () => {
    await one()
    await feed.look?.()
    return arrived.size > 0
  })
  return {
    async lines(wanted) {
      const written: { text: string; begun: number }[] = []
      for (let at = 0; at < wanted; at += 1) {
        written.push(await one())
        await sleep(gapMs)
      }
      await until('the last line', async () => {
        await feed.look?.()
        return written.every(({ text }) => arrived.has(text))
      })
      return written.map(({ text, begun }) => (arrived.get(text) ?? Number.NaN) - begun)
    },
    async close() {
      await feed.close()
      await pipe.close()
      if (isOurs) await stage.remove(id)
      else await stage.docker.cli(['rm', '-f', id])
    },
  }
}

async function inChromium(stage: Stage): Promise<Figure[]> {
  const times: number[] = []
  const rates: number[] = []
  const line = await side(stage, 'ours', async (onLine, id) => {
    const watcher = await watchLog(stage.platform, id)
    const look = async () => {
      for (const [text, at] of await watcher.arrivals()) onLine(text, at - performance.timeOrigin)
    }
    return { lines: 0, skipped: 0, look, close: () => watcher.close() }
  })
  try {
    for (let turn = 0; turn <= stage.runs; turn += 1) {
      const measured = await line.lines(linesARun)
      if (turn > 0) times.push(...measured)
    }
  } finally {
    await line.close()
  }
  for (let turn = 0; turn <= stage.runs; turn += 1) {
    const { id } = await stage.run({ command: ['/bin/sh', '-c', `exec yes ${floodLine}`] })
    const watcher = await watchLog(stage.platform, id)
    await sleep(warmMs)
    const before = await watcher.lines()
    const begun = performance.now()
    await sleep(floodMs)
    const rate = (((await watcher.lines()) - before) / (performance.now() - begun)) * 1000
    await watcher.close()
    await stage.remove(id)
    if (turn > 0) rates.push(rate)
  }
  const what = 'line from write to the page in Chromium'
  return [
    judge({ what: `${what}, p50`, unit: 'ms', ours: times }),
    judge({ what: `${what}, p95`, unit: 'ms', ours: times, percent: 95, target: { atMost: 100 } }),
    judge({ what: 'lines sustained in Chromium', unit: 'lines/s', ours: rates }),
  ]
}

async function flood(stage: Stage, tab: Tab): Promise<Figure> {
  const command = ['/bin/sh', '-c', `exec yes ${floodLine}`]
  const ours: number[] = []
  const theirs: number[] = []
  let skipped = 0
  for (let turn = 0; turn <= stage.runs; turn += 1) {
    const { id } = await stage.run({ command })
    const feed = await liveFeed(tab, id)
    const rate = await rateOf(feed)
    await feed.close()
    await stage.remove(id)
    const theirId = await stage.docker.cli(['run', '-d', stage.dockerStarter, ...command])
    const theirFeed = dockerFeed(stage.docker, theirId)
    const theirRate = await rateOf(theirFeed)
    await theirFeed.close()
    await stage.docker.cli(['rm', '-f', theirId])
    if (turn === 0) continue
    skipped += feed.skipped
    ours.push(rate)
    theirs.push(theirRate)
  }
  return judge({
    what: 'lines sustained',
    unit: 'lines/s',
    ours,
    peers: [{ name: 'docker logs', values: theirs }],
    note: `${skipped} lines were dropped by rotation before the client came to them, and were told as such.`,
  })
}

async function rateOf(feed: Feed): Promise<number> {
  await sleep(warmMs)
  const before = feed.lines
  const begun = performance.now()
  await sleep(floodMs)
  return ((feed.lines - before) / (performance.now() - begun)) * 1000
}
