import { fetchPage, httpd } from './httpd.ts'
import { ProcessExit, signalName } from './signals.ts'
import type { Command, CommandShell, Write } from './types.ts'

/** The commands of the fake engine's shell. Each gives its exit code. */
export const builtins: Readonly<Record<string, (command: Command) => Promise<number>>> = {
  ':': async () => 0,
  true: async () => 0,
  false: async () => 1,
  echo: async ({ args, write }) => {
    const bare = args[0] === '-n'
    await write('stdout', args.slice(bare ? 1 : 0).join(' ') + (bare ? '' : '\n'))
    return 0
  },
  printf: async ({ args, write }) => {
    await write('stdout', format(args[0] ?? '', args.slice(1)))
    return 0
  },
  cat: async ({ shell, args, write }) => {
    if (args.length > 0) return files(shell, args, write)
    for (;;) {
      const chunk = await shell.process.stdin.read(64 * 1024, shell.process.killed)
      await shell.process.checkpoint()
      if (chunk === undefined) return 0
      await write('stdout', chunk)
    }
  },
  head: async ({ shell, args, write }) => {
    let left = args[0] === '-c' ? Number(args[1]) : 0
    if (args[2] !== undefined) {
      if (args[2] !== '/dev/urandom') return files(shell, args.slice(2), write)
      await write('stdout', 'x'.repeat(left)) // no two files of this kernel have to differ
      return 0
    }
    while (left > 0) {
      const chunk = await shell.process.stdin.read(left, shell.process.killed)
      await shell.process.checkpoint()
      if (chunk === undefined) return 0
      await write('stdout', chunk)
      left -= chunk.length
    }
    return 0
  },
  /** What never ends is held whole: memory grows until its limit. */
  tail: async ({ shell, args, write }) => {
    if (args.at(-1) !== '/dev/zero' || shell.process.options.memoryBytes === undefined) {
      await write('stderr', 'tail: this kernel gives it nothing that ends\n')
      return 1
    }
    shell.process.outOfMemory()
    await shell.process.checkpoint()
    return 1
  },
  httpd,
  fetch: fetchPage,
  names: async ({ shell, args: [name = ''], write }) => {
    for (const address of shell.process.options.network.resolve(name)) await write('stdout', `${address}\n`)
    return 0
  },
  ip: async ({ shell, write }) => {
    for (const line of shell.process.options.network.links()) await write('stdout', `${line}\n`)
    return 0
  },
  ln: async ({ shell, args: [from = '', to = ''], write }) => {
    try {
      shell.process.options.files.link(shell.path(from), shell.path(to))
      return 0
    } catch (thrown) {
      await write('stderr', `ln: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
      return 1
    }
  },
  'udp-echo': async ({ shell, args }) => {
    const { echoes } = shell.process.options
    const port = Number(args[0])
    echoes.add(port)
    try {
      await shell.process.sleep(Number.POSITIVE_INFINITY)
      return 0
    } finally {
      echoes.delete(port)
    }
  },
  readlink: ({ shell, args, write }) => files(shell, args, write),
  sleep: async ({ shell, args }) => {
    const seconds = args[0] === 'infinity' ? Number.POSITIVE_INFINITY : Number(args[0])
    await shell.process.sleep(seconds * 1000)
    return 0
  },
  seq: async ({ args, write }) => {
    const [first, last] = args.length === 1 ? [1, Number(args[0])] : [Number(args[0]), Number(args[1])]
    for (let at = first; at <= last; at += 500) {
      const numbers = Array.from({ length: Math.min(500, last - at + 1) }, (_, index) => `${at + index}\n`)
      await write('stdout', numbers.join(''))
    }
    return 0
  },
  exit: ({ shell, args }) =>
    Promise.reject(new ProcessExit(args[0] === undefined ? shell.status : Number(args[0]) & 255)),
  exec: async ({ shell, args }) => {
    throw new ProcessExit(await shell.exec(args))
  },
  pwd: async ({ shell, write }) => {
    await write('stdout', `${shell.cwd}\n`)
    return 0
  },
  cd: async ({ shell, args }) => {
    shell.cwd = shell.path(args[0] ?? '/')
    return 0
  },
  hostname: async ({ shell, write }) => {
    await write('stdout', `${shell.process.options.hostname}\n`)
    return 0
  },
  id: async ({ shell, args, write }) => {
    const { uid, gid } = shell.process.options
    const all = `uid=${uid} gid=${gid}`
    await write('stdout', `${args[0] === '-u' ? uid : args[0] === '-g' ? gid : all}\n`)
    return 0
  },
  env: async ({ shell, write }) => {
    for (const [name, value] of Object.entries(shell.process.options.env)) await write('stdout', `${name}=${value}\n`)
    return 0
  },
  tty: async ({ shell, write }) => {
    const has = shell.process.options.tty !== undefined
    await write('stdout', has ? '/dev/pts/0\n' : 'not a tty\n')
    return has ? 0 : 1
  },
  stty: async ({ shell, args, write }) => {
    const size = shell.process.size
    if (size === undefined) {
      await write('stderr', 'stty: standard input: Not a tty\n')
      return 1
    }
    if (args[0] === 'size') await write('stdout', `${size.rows} ${size.columns}\n`)
    return 0
  },
  trap: async ({ shell, args }) => {
    for (const name of args.slice(1)) {
      const signal = signalName(name)
      if (signal === undefined) return 1
      shell.process.traps.set(signal, args[0] ?? '')
    }
    return 0
  },
  kill: async ({ shell, args }) => {
    const signal = signalName(args[0]?.startsWith('-') === true ? args[0].slice(1) : 'TERM')
    if (signal === undefined) return 1
    shell.process.signal(signal)
    await shell.process.checkpoint()
    return 0
  },
  read: async ({ shell, args }) => {
    const line = await shell.process.stdin.readLine(shell.process.killed)
    await shell.process.checkpoint()
    shell.variables.set(args.at(-1) ?? 'REPLY', line ?? '')
    return line === undefined ? 1 : 0
  },
  test: ({ shell, args }) => Promise.resolve(test(shell, args)),
  '[': ({ shell, args }) => Promise.resolve(args.at(-1) === ']' ? test(shell, args.slice(0, -1)) : 2),
}

async function files(shell: CommandShell, names: string[], write: Write): Promise<number> {
  let code = 0
  for (const name of names) {
    try {
      await write('stdout', shell.process.options.files.read(shell.path(name)))
    } catch (thrown) {
      if (thrown instanceof ProcessExit) throw thrown
      await write('stderr', `cat: ${name}: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
      code = 1
    }
  }
  return code
}

function test(shell: CommandShell, args: string[]): number {
  const [left = '', operator, right = ''] = args
  const numbers: Record<string, boolean> = {
    '-lt': Number(left) < Number(right),
    '-le': Number(left) <= Number(right),
    '-gt': Number(left) > Number(right),
    '-ge': Number(left) >= Number(right),
    '-eq': Number(left) === Number(right),
    '-ne': Number(left) !== Number(right),
    '=': left === right,
    '!=': left !== right,
  }
  if (left === '-t') return shell.process.options.tty === undefined ? 1 : 0
  if (left === '-n') return operator !== undefined && operator !== '' ? 0 : 1
  if (left === '-z') return operator === undefined || operator === '' ? 0 : 1
  return operator !== undefined && numbers[operator] === true ? 0 : 1
}

function format(pattern: string, values: string[]): string {
  let next = 0
  return pattern
    .replace(/%[sd]/g, () => values[next++] ?? '')
    .replace(/%%/g, '%')
    .replace(/\\n/g, '\n')
    .replace(/\\t/g, '\t')
    .replace(/\\\\/g, '\\')
}
