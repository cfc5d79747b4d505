import { parseArgs } from 'node:util'
import { type JoinToken, parseToken } from '@flotilla/link'
import { fail } from '@flotilla/protocol'

export interface JoinRequest {
  url: string
  token: JoinToken
}

const usage =
  'Say where to: FLOTILLA_JOIN_TOKEN=TOKEN agent join https://address, or --token - with the token on standard input.'

/**
 * `join URL`, with the token from the environment, from the first line of standard input (`--token -`) or as `--token T`, which
 * every user of the machine can read while the agent runs. Undefined where the agent is simply to run; INVALID_ARGUMENT.
 */
export async function readJoinRequest(
  argv: readonly string[],
  given: string | undefined,
  input: AsyncIterable<Buffer>,
): Promise<JoinRequest | undefined> {
  if (argv[0] !== 'join') return undefined
  const { values, positionals } = parseArgs({
    args: argv.slice(1),
    options: { token: { type: 'string' } },
    allowPositionals: true,
  })
  const url = positionals[0]
  if (url === undefined || !/^https?:\/\//.test(url)) throw fail('call.usage', { usage })
  const token = values.token === '-' ? await firstLine(input) : (values.token ?? given)
  if (token === undefined) throw fail('call.usage', { usage })
  return { url, token: parseToken(token) }
}

async function firstLine(input: AsyncIterable<Buffer>): Promise<string> {
  let text = ''
  for await (const chunk of input) {
    text += chunk.toString()
    if (text.includes('\n') || text.length > 10_000) break
  }
  return text.split(/\r?\n/)[0] ?? ''
}
