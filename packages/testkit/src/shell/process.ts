import { constants } from 'node:os'
import { ByteQueue } from '../fake/byte-queue.ts'
import { Shell } from './run.ts'
import { harmlessSignals, ProcessExit } from './signals.ts'
import type { ProcessOptions, ShellProcess, TerminalSize } from './types.ts'

/** A process of the fake kernel: a small shell with signals, standard input, a terminal and an exit code. */
export class FakeProcess implements ShellProcess {
  readonly options: ProcessOptions
  readonly stdin = new ByteQueue()
  readonly ended: Promise<number>
  readonly traps = new Map<string, string>()
  size: TerminalSize | undefined
  oomKilled = false
  #killed = new AbortController()
  #exitCode = 0
  #children = 0
  #pending: string[] = []
  #wakeSleep = new Set<() => void>()
  #resume: (() => void) | undefined
  #gate: Promise<void> = Promise.resolve()

  constructor(options: ProcessOptions) {
    this.options = options
    this.size = options.tty
    this.ended = this.#run()
  }

  get killed(): AbortSignal {
    return this.#killed.signal
  }

  async #run(): Promise<number> {
    try {
      await Promise.resolve()
      const code = await new Shell(this).exec(this.options.argv)
      return this.killed.aborted ? this.#exitCode : code
    } catch (thrown) {
      if (this.killed.aborted) return this.#exitCode
      if (thrown instanceof ProcessExit) return thrown.code
      throw thrown
    } finally {
      this.stdin.end()
      // What it left in the background ends with it, as with the first process of a container.
      this.#killed.abort()
      this.#wake()
    }
  }

  async print(channel: 'stdout' | 'stderr', bytes: Uint8Array): Promise<void> {
    await this.checkpoint()
    if (this.options.tty === undefined) await this.options.output(channel, bytes)
    else
      await this.options.output(
        'stdout',
        Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll('\n', '\r\n'), 'latin1'),
      )
  }

  /** What a person types or a program writes; a terminal echoes it and turns Ctrl-C into a signal. */
  async input(bytes: Uint8Array): Promise<void> {
    if (this.options.tty === undefined) return this.stdin.write(bytes)
    const text = Buffer.from(bytes).toString('latin1').replaceAll('\r', '\n')
    if (text.includes('\x03')) this.signal('INT')
    const typed = text.replaceAll('\x03', '')
    if (typed === '\x04') return this.stdin.end()
    await this.options.output('stdout', Buffer.from(typed.replaceAll('\n', '\r\n'), 'latin1'))
    await this.stdin.write(Buffer.from(typed, 'latin1'))
  }

  /** Between any two steps: waits while paused, takes signals, ends when killed. */
  async checkpoint(): Promise<void> {
    await this.#gate
    if (this.killed.aborted) throw new ProcessExit(this.#exitCode)
    for (const name of this.#pending.splice(0)) {
      const script = this.traps.get(name)
      if (script !== undefined && script !== '') await new Shell(this).script(script)
    }
  }

  async sleep(ms: number): Promise<void> {
    const until = performance.now() + ms
    while (performance.now() < until) {
      await this.checkpoint()
      const left = Math.min(until - performance.now(), 2 ** 31 - 1)
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer)
          this.#wakeSleep.delete(done)
          resolve()
        }
        const timer = setTimeout(done, Math.max(0, left))
        this.#wakeSleep.add(done)
      })
    }
    await this.checkpoint()
  }

  /** The first process of a container ignores what it has no trap for, KILL apart, as the kernel does for pid 1. */
  signal(name: string): void {
    if (name === 'KILL') return this.#kill(9)
    if (this.traps.has(name)) {
      this.#pending.push(name)
      this.#wake()
      return
    }
    const number = constants.signals[`SIG${name}` as NodeJS.Signals]
    if (number === undefined || this.options.pid === 1 || harmlessSignals.has(name)) return
    this.#kill(number)
  }

  fork(): boolean {
    const { pidsLimit } = this.options
    if (pidsLimit !== undefined && this.#children + 1 >= pidsLimit) return false
    this.#children += 1
    return true
  }

  reap(): void {
    this.#children -= 1
  }

  outOfMemory(): void {
    this.oomKilled = true
    this.#kill(9)
  }

  pause(): void {
    this.#gate = new Promise((resolve) => {
      this.#resume = resolve
    })
  }

  resume(): void {
    this.#resume?.()
    this.#resume = undefined
  }

  #kill(number: number): void {
    if (this.killed.aborted) return
    this.#exitCode = 128 + number
    this.#killed.abort()
    this.resume()
    this.stdin.end()
    this.#wake()
  }

  #wake(): void {
    for (const wake of [...this.#wakeSleep]) wake()
  }
}
