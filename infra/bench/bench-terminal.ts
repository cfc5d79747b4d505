import { type ExecSession, FlotillaError } from '@flotilla/protocol'
import { setTimeout as sleep } from 'node:timers/promises'
import { openTab, type Tab } from '@flotilla/testkit/lab/tab'
import type { Bench } from './bench.ts'
import { type Figure, judge } from './figure.ts'
import { type Crowd, type CrowdOrder, gatherCrowd } from './log-crowd.ts'
import { spreadOf } from './statistics.ts'
import type { Stage } from './stage.ts'

const keysARun = 40
const keyGapMs = 30
const streams = 100
const chatty = 10
const shell = ['/bin/sh']

export const terminalBench: Bench = {
  id: 'terminal',
  title: 'Terminal',
  how: `Open: from the REST call that makes a session until the shell's prompt is on the live channel; Docker's way is an exec by its API on
a raw connection to its socket. Echo: from a key until the terminal gives it back, ${keysARun} keys a turn. Beside streams: ${streams} log streams
of ${chatty} containers that run \`yes\`, followed by another process as fast as it can, through the same agent and control plane.`,
  async measure(stage) {
    const { docker } = stage
    const { id } = await stage.run({ command: ['/bin/sleep', '3600'] })
    const theirId = await docker.cli(['run', '-d', stage.dockerStarter, '/bin/sleep', '3600'])
    const tab = await openTab(stage.platform)
    const ours = () => openOurs(stage, tab, id)
    const theirs = () => openTheirs(stage, theirId)
    try {
      return [...(await alone(stage, ours, theirs)), ...(await besideStreams(stage, ours, theirs))]
    } finally {
      tab.close()
      await stage.remove(id)
      await docker.cli(['rm', '-f', theirId])
    }
  },
}

/** An open terminal with its prompt. */
interface Terminal {
  openedMs: number
  /** Milliseconds from a key to its echo. */
  echo(key: string): Promise<number>
  close(): Promise<void>
}

async function alone(stage: Stage, ours: () => Promise<Terminal>, theirs: () => Promise<Terminal>): Promise<Figure[]> {
  const opened = { ours: [] as number[], theirs: [] as number[] }
  const echoed = { ours: [] as number[], theirs: [] as number[] }
  for (let turn = 0; turn <= stage.runs; turn += 1) {
    for (const [name, open] of [
      ['ours', ours],
      ['theirs', theirs],
    ] as const) {
      const terminal = await open()
      const keys = await type(terminal)
      await terminal.close()
      if (turn === 0) continue
      opened[name].push(terminal.openedMs)
      echoed[name].push(...keys)
    }
  }
  const peer = (values: number[]) => [{ name: 'docker exec', values }]
  return [
    judge({
      what: 'terminal open',
      unit: 'ms',
      ours: opened.ours,
      peers: peer(opened.theirs),
      target: { atMost: 400 },
    }),
    judge({
      ...{ what: 'echo, p95', unit: 'ms', ours: echoed.ours, peers: peer(echoed.theirs), percent: 95 },
      target: { atMost: 20 },
    }),
  ]
}

async function besideStreams(
  stage: Stage,
  ours: () => Promise<Terminal>,
  theirs: () => Promise<Terminal>,
): Promise<Figure[]> {
  const { platform, docker } = stage
  const { url, admin } = platform
  const yes = ['/bin/sh', '-c', `exec yes ${'x'.repeat(79)}`]
  const sides = {
    ours: {
      open: ours,
      begin: async () => (await stage.run({ command: yes })).id,
      end: (ids: string[]) => Promise.all(ids.map((id) => stage.remove(id))),
      from: { url, admin } satisfies CrowdOrder['from'],
    },
    theirs: {
      open: theirs,
      begin: () => docker.cli(['run', '-d', stage.dockerStarter, ...yes]),
      end: (ids: string[]) => docker.cli(['rm', '-f', ...ids]),
      from: { socketPath: docker.socketPath } satisfies CrowdOrder['from'],
    },
  }
  const values = { ours: [] as number[], theirs: [] as number[] }
  const rates = { ours: [] as number[], theirs: [] as number[] }
  for (let turn = 0; turn < stage.runs; turn += 1) {
    for (const name of ['ours', 'theirs'] as const) {
      const { open, begin, end, from } = sides[name]
      const terminal = await open()
      const containers: string[] = []
      let crowd: Crowd | undefined
      try {
        for (let count = 0; count < chatty; count += 1) containers.push(await begin())
        crowd = await gatherCrowd({ streams, containers, from })
        await sleep(2000)
        values[name].push(...(await type(terminal)))
        rates[name].push(crowd.linesPerSecond)
      } finally {
        await crowd?.close()
        await end(containers)
        await terminal.close()
      }
    }
  }
  const rate = (of: number[]) => Math.round(spreadOf(of).median).toLocaleString('en')
  return [
    judge({
      ...{ what: `echo beside ${streams} log streams, p95`, unit: 'ms', ours: values.ours, percent: 95 },
      peers: [{ name: 'docker exec', values: values.theirs }],
      target: { atMost: 60 },
      note: `meanwhile the streams brought ${rate(rates.ours)} lines/s; Docker's ${rate(rates.theirs)}.`,
    }),
  ]
}

async function type(terminal: Terminal): Promise<number[]> {
  const times: number[] = []
  for (let at = 0; at < keysARun; at += 1) {
    times.push(await terminal.echo('abcdefghij'[at % 10] ?? 'a'))
    await sleep(keyGapMs)
  }
  return times
}

/** What a terminal prints, waited for. */
class Screen {
  readonly #name: string

  constructor(name: string) {
    this.#name = name
  }

  #text = ''
  #wake: () => void = () => {}

  take(piece: Buffer): void {
    this.#text += piece.toString('latin1')
    this.#wake()
  }

  forget(): void {
    this.#text = ''
  }

  /** Throws TIMEOUT after 30 s. */
  async sees(text: string): Promise<void> {
    const end = performance.now() + 30_000
    while (!this.#text.includes(text)) {
      if (performance.now() > end)
        throw new FlotillaError(
          'TIMEOUT',
          `${this.#name}\'s terminal did not print ${JSON.stringify(text)} after ${JSON.stringify(this.#text.slice(-80))}.`,
        )
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
}

async function openOurs(stage: Stage, tab: Tab, container: string): Promise<Terminal> {
  const screen = new Screen('Flotilla')
  const begun = performance.now()
  const session = await stage.ok<ExecSession>('POST', `/containers/${container}/exec-sessions`, {
    command: shell,
    tty: true,
  })
  const stream = await tab.open({ kind: 'terminal', input: { container, session: session.id } }, (piece) => {
    if (typeof piece !== 'string') screen.take(piece)
  })
  await screen.sees('# ')
  return {
    openedMs: performance.now() - begun,
    async echo(key) {
      screen.forget()
      const pressed = performance.now()
      void stream.input({ data: Buffer.from(key) })
      await screen.sees(key)
      return performance.now() - pressed
    },
    async close() {
      stream.close()
      await stage.ok('DELETE', `/containers/${container}/exec-sessions/${session.id}`)
    },
  }
}

async function openTheirs({ docker }: Stage, container: string): Promise<Terminal> {
  const screen = new Screen('Docker')
  const begun = performance.now()
  const socket = await docker.terminal(container, shell)
  socket.on('data', (piece: Buffer) => screen.take(piece))
  socket.resume()
  await screen.sees('# ')
  return {
    openedMs: performance.now() - begun,
    async echo(key) {
      screen.forget()
      const pressed = performance.now()
      socket.write(key)
      await screen.sees(key)
      return performance.now() - pressed
    },
    close() {
      socket.destroy()
      return Promise.resolve()
    },
  }
}
