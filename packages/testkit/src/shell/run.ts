import { builtins } from './builtins.ts'
import { type Node, parse, pieceLength, type Redirect, ShellSyntaxError } from './parse.ts'
import { ProcessExit } from './signals.ts'
import type { CommandShell, ShellProcess, Write } from './types.ts'

/** Runs commands for one process: expands words, redirects, keeps variables. */
export class Shell implements CommandShell {
  readonly process: ShellProcess
  readonly variables = new Map<string, string>()
  cwd: string
  status = 0
  #steps = 0

  constructor(process: ShellProcess) {
    this.process = process
    this.cwd = process.options.cwd
    for (const [name, value] of Object.entries(process.options.env)) this.variables.set(name, value)
  }

  /** Runs an argument array as a program, `sh` among them. */
  async exec(argv: readonly string[]): Promise<number> {
    return this.#program([...argv], (channel, text) => this.#print(channel, text))
  }

  async script(source: string, write: Write = (channel, text) => this.#print(channel, text)): Promise<number> {
    try {
      await this.#run(parse(source), write)
    } catch (thrown) {
      if (!(thrown instanceof ShellSyntaxError)) throw thrown
      await write('stderr', `sh: ${thrown.message}\n`)
      this.status = 2
    }
    return this.status
  }

  #print(channel: 'stdout' | 'stderr', text: string | Uint8Array): Promise<void> {
    return this.process.print(channel, typeof text === 'string' ? Buffer.from(text) : text)
  }

  async #program(argv: string[], write: Write): Promise<number> {
    const name = argv[0]?.split('/').at(-1) ?? ''
    if (name !== 'sh' && name !== 'ash' && name !== 'bash') return this.#builtin(argv, write)
    const shell = new Shell(this.process)
    shell.cwd = this.cwd
    const script = argv[1] === '-c' ? argv[2] : undefined
    return script === undefined ? shell.#interactive(write) : shell.script(script, write)
  }

  async #interactive(write: Write): Promise<number> {
    for (;;) {
      if (this.process.options.tty !== undefined) await write('stdout', '$ ')
      const line = await this.process.stdin.readLine(this.process.killed)
      await this.process.checkpoint()
      if (line === undefined) return this.status
      await this.script(line, write)
    }
  }

  async #builtin(argv: string[], write: Write): Promise<number> {
    const name = argv[0]?.split('/').at(-1) ?? ''
    const command = builtins[name]
    if (command !== undefined) return command({ shell: this, args: argv.slice(1), write })
    await write('stderr', `sh: ${argv[0]}: not found\n`)
    return 127
  }

  async #run(node: Node, write: Write): Promise<void> {
    await this.process.checkpoint()
    this.#steps += 1
    // Promises alone never let the event loop turn: an endless script would stop the whole process.
    if (this.#steps % 64 === 0) await new Promise<void>((resolve) => setImmediate(resolve))
    switch (node.type) {
      case 'list':
        for (const item of node.items) await this.#run(item, write)
        return
      case 'and':
      case 'or':
        await this.#run(node.left, write)
        if ((this.status === 0) === (node.type === 'and')) await this.#run(node.right, write)
        return
      case 'while':
        for (;;) {
          await this.#run(node.condition, write)
          if (this.status !== 0) break
          await this.#run(node.body, write)
        }
        this.status = 0
        return
      case 'if':
        await this.#run(node.condition, write)
        if (this.status === 0) await this.#run(node.then, write)
        else if (node.else !== undefined) await this.#run(node.else, write)
        else this.status = 0
        return
      case 'background':
        return this.#fork(node.body, write)
      case 'command':
        await this.#command(node.words, node.redirects, write)
    }
  }

  /** Goes on beside it; the kernel refuses where the container has as many processes as it may. */
  async #fork(body: Node, write: Write): Promise<void> {
    if (!this.process.fork()) {
      await write('stderr', "sh: can't fork: Resource temporarily unavailable\n")
      throw new ProcessExit(2)
    }
    const child = new Shell(this.process)
    child.cwd = this.cwd
    for (const [name, value] of this.variables) child.variables.set(name, value)
    void child
      .#run(body, write)
      .catch((thrown: unknown) => {
        if (!(thrown instanceof ProcessExit)) throw thrown
      })
      .finally(() => this.process.reap())
    this.status = 0
  }

  async #command(words: string[], redirects: Redirect[], outer: Write): Promise<void> {
    const assignment = words.length === 1 ? /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(words[0] ?? '') : null
    if (assignment !== null) {
      this.variables.set(assignment[1] ?? '', (await this.#expand(assignment[2] ?? '')).join(' '))
      this.status = 0
      return
    }
    const argv: string[] = []
    for (const word of words) argv.push(...(await this.#expand(word)))
    const collected = new Map<string, string>()
    let write = outer
    try {
      for (const redirect of redirects) write = await this.#redirect(redirect, write, collected)
    } catch (thrown) {
      await outer('stderr', `sh: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
      this.status = 1
      return
    }
    this.status = argv.length === 0 ? 0 : await this.#program(argv, write)
    for (const [path, text] of collected) this.process.options.files.write(path, text, true)
  }

  async #redirect(redirect: Redirect, write: Write, collected: Map<string, string>): Promise<Write> {
    const target = (await this.#expand(redirect.target)).join(' ')
    const from = redirect.channel === 2 ? 'stderr' : 'stdout'
    if (redirect.operator === '>&') {
      const to = target === '2' ? 'stderr' : 'stdout'
      return (channel, text) => write(channel === from ? to : channel, text)
    }
    if (redirect.operator === '<') throw new Error('input redirection is not in this shell')
    if (target === '/dev/null') return (channel, text) => (channel === from ? Promise.resolve() : write(channel, text))
    const path = this.path(target)
    try {
      this.process.options.files.write(path, '', redirect.operator === '>>')
    } catch (thrown) {
      throw new Error(`can't create ${target}: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
    }
    collected.set(path, '')
    return async (channel, text) => {
      if (channel === from) collected.set(path, (collected.get(path) ?? '') + Buffer.from(text).toString())
      else await write(channel, text)
    }
  }

  path(name: string): string {
    return name.startsWith('/') ? name : `${this.cwd === '/' ? '' : this.cwd}/${name}`
  }

  /** Takes quotes away and fills parameters in; an unquoted word that becomes empty is no word. */
  async #expand(word: string): Promise<string[]> {
    let result = ''
    let quoted = false
    let unquotedValue = false
    for (let at = 0; at < word.length; ) {
      const piece = word.slice(at, at + Math.max(pieceLength(word.slice(at)), parameterLength(word.slice(at))))
      at += piece.length
      if (piece.startsWith("'")) {
        quoted = true
        result += piece.slice(1, -1)
      } else if (piece.startsWith('"')) {
        quoted = true
        result += await this.#fill(piece.slice(1, -1))
      } else if (piece.startsWith('$') && piece.length > 1) {
        unquotedValue = true
        result += await this.#fill(piece)
      } else result += piece.startsWith('\\') ? piece.slice(1) : piece
    }
    if (quoted) return [result]
    return unquotedValue ? result.split(/\s+/).filter((part) => part !== '') : [result]
  }

  async #fill(text: string): Promise<string> {
    let result = ''
    for (let at = 0; at < text.length; ) {
      const rest = text.slice(at)
      const substitution = rest.startsWith('$(') ? rest.slice(0, pieceLength(rest)) : undefined
      const length = substitution?.length ?? parameterLength(rest)
      if (substitution?.startsWith('$((') === true) result += this.#arithmetic(substitution.slice(3, -2))
      else if (substitution !== undefined) result += await this.#capture(substitution.slice(2, -1))
      else if (length > 0) result += this.#parameter(rest.slice(1, length).replace(/[{}]/g, ''))
      else if (rest[0] === '\\' && '"$\\`'.includes(rest[1] ?? ' ')) result += rest[1] ?? ''
      else result += rest[0] ?? ''
      at += length > 0 ? length : rest[0] === '\\' && '"$\\`'.includes(rest[1] ?? ' ') ? 2 : 1
    }
    return result
  }

  async #capture(source: string): Promise<string> {
    let text = ''
    await this.script(source, async (channel, printed) => {
      if (channel === 'stdout') text += Buffer.from(printed).toString()
      else await this.#print(channel, printed)
    })
    return text.replace(/\n+$/, '')
  }

  #parameter(name: string): string {
    if (name === '?') return String(this.status)
    if (name === '$') return String(this.process.options.pid)
    return this.variables.get(name) ?? ''
  }

  /** Sums and products from left to right: what a counter needs. */
  #arithmetic(source: string): number {
    const parts = source.match(/[A-Za-z_]\w*|\d+|[-+*/%]/g) ?? []
    const value = (part: string | undefined) => Number(/^\d/.test(part ?? '') ? part : this.#parameter(part ?? '')) || 0
    let result = value(parts[0])
    for (let at = 1; at + 1 < parts.length; at += 2) {
      const right = value(parts[at + 1])
      const operator = parts[at]
      if (operator === '+') result += right
      else if (operator === '-') result -= right
      else if (operator === '*') result *= right
      else if (right === 0) throw new ProcessExit(2)
      else result = operator === '/' ? Math.trunc(result / right) : result % right
    }
    return result
  }
}

/** The length of `$name`, `${name}`, `$?` or `$$`; 0 where there is none. */
function parameterLength(text: string): number {
  return /^\$(\{[A-Za-z_]\w*\}|[A-Za-z_]\w*|[?$])/.exec(text)?.[0].length ?? 0
}
