import type { Duplex } from 'node:stream'
import type { ByteQueue } from '../fake/byte-queue.ts'
import type { FakeFiles } from '../fake/file-system.ts'

type Channel = 'stdout' | 'stderr'

export interface TerminalSize {
  columns: number
  rows: number
}

export interface ProcessOptions {
  argv: readonly string[]
  env: Readonly<Record<string, string>>
  cwd: string
  uid: number
  gid: number
  pid: number
  hostname: string
  files: FakeFiles
  tty: TerminalSize | undefined
  /** What listens in the container's network, by port. */
  listeners: Map<number, (connection: Duplex) => void>
  /** The networks that it is on. */
  network: {
    /** Each link in a line, with its addresses. */
    links(): string[]
    /** A connection to a name or address; undefined where nothing answers. */
    dial(at: string, port: number): Duplex | undefined
    /** The addresses of a name on each of them that answers names. */
    resolve(name: string): string[]
  }
  /** UDP ports of the container's network whose datagrams are sent back. */
  echoes: Set<number>
  /** Most processes that the container may have. */
  pidsLimit: number | undefined
  /** Most bytes that it may hold before the kernel kills it. */
  memoryBytes: number | undefined
  /** Takes what is printed; a promise makes the process wait, as a full pipe would. */
  output: (channel: Channel, bytes: Uint8Array) => Promise<void> | void
}

/** What a shell needs of the process that it runs in. */
export interface ShellProcess {
  readonly options: ProcessOptions
  readonly stdin: ByteQueue
  /** Scripts by signal name. */
  readonly traps: Map<string, string>
  readonly size: TerminalSize | undefined
  readonly killed: AbortSignal
  print(channel: Channel, bytes: Uint8Array): Promise<void>
  /** Between any two steps: waits while paused, takes signals, throws where the process was killed. */
  checkpoint(): Promise<void>
  sleep(ms: number): Promise<void>
  signal(name: string): void
  /** False where one more process is more than the container may have; else `reap` when it has ended. */
  fork(): boolean
  reap(): void
  /** The kernel kills it: it took more memory than its limit. */
  outOfMemory(): void
}

/** Where a command's output goes. */
export type Write = (channel: Channel, text: string | Uint8Array) => Promise<void>

/** What a command needs of the shell that runs it. */
export interface CommandShell {
  readonly process: ShellProcess
  readonly variables: Map<string, string>
  cwd: string
  /** The exit code of the command before. */
  status: number
  exec(argv: readonly string[]): Promise<number>
  /** A name made absolute from the working folder. */
  path(name: string): string
}

/** One run of a command of the shell's own. */
export interface Command {
  shell: CommandShell
  args: string[]
  write: Write
}
