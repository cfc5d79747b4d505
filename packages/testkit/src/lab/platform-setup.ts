import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FlotillaError } from '@flotilla/protocol'
import { askHttp } from './ask.ts'

export interface Admin {
  email: string
  password: string
}

/** The one-time link as the control plane printed it. */
export async function readSetupLink(controlPlaneDir: string): Promise<string> {
  return (await readFile(join(controlPlaneDir, 'setup-link'), 'utf8')).trim()
}

/** Goes the way of the first person: the printed link, then signing in, then an API key of one's own. */
export async function setUp(url: string, link: string, admin: Admin): Promise<string> {
  const token = new URL(link).hash.replace(/^#token=/, '')
  await post(`${url}/api/trpc/setup.complete`, { token, name: 'Ada', ...admin }, { origin: url })
  const cookie = await signIn(url, admin)
  const { body } = await post(`${url}/api/v1/keys`, { name: 'lab' }, { origin: url, cookie })
  const { key } = body as { key?: unknown }
  if (typeof key !== 'string') throw new FlotillaError('INTERNAL', 'No API key was made.')
  return key
}

/** The session's cookies, as a browser would send them. */
export async function signIn(url: string, { email, password }: Admin): Promise<string> {
  const { headers } = await post(`${url}/api/auth/sign-in/email`, { email, password }, { origin: url })
  return headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ')
}

async function post(url: string, body: object, headers: Record<string, string>) {
  const init = {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }
  const answer = await askHttp(url, init)
  if (answer.status !== 200) {
    throw new FlotillaError('INTERNAL', `${url} answered ${answer.status}: ${answer.text.slice(0, 500)}`)
  }
  return { headers: answer.headers, body: JSON.parse(answer.text) as unknown }
}
