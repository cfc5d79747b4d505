import { type Tab, until } from '@flotilla/testkit/lab/tab'

const pieceBytes = 16 * 1024

/** Opens a session's terminal in a tab. `ask` types a command and gives what it printed. */
export async function openTerminal(tab: Tab, container: string, session: string) {
  let screen = ''
  const stream = await tab.open({ kind: 'terminal', input: { container, session } }, (piece) => {
    if (Buffer.isBuffer(piece)) screen += piece.toString()
  })
  return {
    ended: stream.ended,
    screen: () => screen,
    /** In pieces, each once the one before it is on its way, as the dashboard does. */
    async paste(data: Buffer): Promise<void> {
      for (let at = 0; at < data.length; at += pieceBytes)
        await stream.input({ data: data.subarray(at, at + pieceBytes) })
    },
    async ask(command: string): Promise<string> {
      asked += 1
      // The quotes keep what is typed, which the terminal echoes, apart from what is printed.
      const [begin, end] = [`begin${asked}x`, `end${asked}x`]
      await stream.input({
        data: Buffer.from(`echo be''gin${asked}x; ${command}; echo e''nd${asked}x\r`),
      })
      const answer = () => new RegExp(`${begin}\r\n([^]*?)\r?\n?${end}\r\n`).exec(screen)?.[1]
      await until(`the answer to ${command}`, () => answer() !== undefined)
      return answer()?.trim() ?? ''
    },
  }
}

// Over all terminals: what another has shown is shown again.
let asked = 0
