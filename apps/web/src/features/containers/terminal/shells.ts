import type { ExecSession } from '@flotilla/protocol'

/** What can be started in a terminal. `auto` takes bash where there is one. */
export const shells = ['auto', 'bash', 'sh', 'ash', 'custom'] as const
export type Shell = (typeof shells)[number]

const auto = 'command -v bash >/dev/null 2>&1 && exec bash; exec sh'

/** The command of a choice; a custom one is split as a shell would at spaces and quotes. */
export function shellCommand(shell: Shell, custom: string): string[] {
  switch (shell) {
    case 'auto':
      return ['/bin/sh', '-c', auto]
    case 'custom':
      return splitWords(custom)
    case 'bash':
    case 'sh':
    case 'ash':
      return [shell]
  }
}

/** A list with a session that was just made; it may have been read since, as it was while it began. */
export function withSession(list: readonly ExecSession[], made: ExecSession): ExecSession[] {
  return [...list.filter(({ id }) => id !== made.id), made]
}

/** A session's command as a short name. */
export function shellName(command: readonly string[]): string {
  if (command[2] === auto) return 'sh'
  return command[0]?.split('/').at(-1) ?? ''
}

function splitWords(text: string): string[] {
  const words: string[] = []
  for (const match of text.matchAll(/((?:[^\s"']|"[^"]*"|'[^']*')+)/g)) {
    words.push(
      match[0].replace(
        /"([^"]*)"|'([^']*)'/g,
        (_whole, double: string | undefined, single: string | undefined) => double ?? single ?? '',
      ),
    )
  }
  return words
}
