import { expect } from 'vitest'
import { freePort } from '@flotilla/testkit/lab/free-port'
import type { Instance } from './instance.ts'

export const person = { email: 'ada@example.org', password: 'correct horse battery' }

export interface Container {
  id: string
  name: string
  state: string
  startedAt: string
}

/** What a person does with an instance that answers. What a step needs is made when it is asked for first. */
export interface Owned {
  readonly instance: Instance
  readonly isRemoved: boolean
  /** Opens the printed link as the first person does. Gives the answer's status. */
  openSetupLink(): Promise<number>
  /** An API key that `npm run admin` printed. */
  key(): Promise<string>
  rest<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }>
  /** The id of this machine as a host, once it is connected. */
  host(): Promise<string>
  /** A running web server, made from the starter image, and its port on this machine. */
  web(): Promise<{ container: Container; port: number }>
  /** The names of the cookies that a sign-in sets. */
  cookieNames(): Promise<string[]>
  /** Gives what it had left behind when it was stopped. */
  remove(): Promise<string[]>
}

export function own(instance: Instance): Owned {
  let isRemoved = false
  let isSetUp = false
  let key = ''
  let web: { container: Container; port: number } | undefined

  const owned: Owned = {
    instance,
    get isRemoved() {
      return isRemoved
    },
    async openSetupLink() {
      const link = /http:\S+\/setup#token=\S+/.exec(instance.output())?.[0] ?? ''
      const { status } = await fetch(`${instance.url}/api/trpc/setup.complete`, {
        method: 'POST',
        headers: { origin: instance.url, 'content-type': 'application/json' },
        body: JSON.stringify({ token: new URL(link).hash.replace('#token=', ''), name: 'Ada', ...person }),
      })
      isSetUp ||= status === 200
      return status
    },
    async key() {
      if (!isSetUp) {
        const owner = ['user', 'create', '--email', person.email, '--name', 'Ada', '--role', 'owner']
        expect(await instance.npm('admin', owner, `${person.password}\n`)).toMatchObject({ exitCode: 0 })
        isSetUp = true
      }
      if (key === '') {
        const argv = ['key', 'create', '--email', person.email, '--name', 'test']
        const { stdout } = await instance.npm('admin', argv)
        key = stdout.toString().trimEnd().split('\n').at(-1) ?? ''
      }
      return key
    },
    async rest<T>(method: string, path: string, body?: unknown) {
      return ask<T>(instance, await owned.key(), method, path, body)
    },
    async host() {
      let id = ''
      const state = async () => {
        const { body } = await owned.rest<{ id: string; state: string; transport: string }[]>('GET', '/hosts')
        const local = body.find(({ transport }) => transport === 'socket')
        id = local?.id ?? ''
        return local?.state
      }
      await expect.poll(state, { timeout: 20_000 }).toBe('connected')
      return id
    },
    async web() {
      if (web !== undefined) return web
      const port = await freePort()
      const made = await owned.rest<Container>('POST', `/hosts/${await owned.host()}/containers`, {
        name: 'hello',
        image: 'flotilla.local/starter:latest',
        ports: [{ containerPort: 80, hostPort: port, protocol: 'tcp' }],
      })
      expect(made).toMatchObject({ status: 200, body: { state: 'created' } })
      const { body: container } = await owned.rest<Container>('POST', `/containers/${made.body.id}/start`)
      expect(container.state).toBe('running')
      await expect.poll(() => page(port), { timeout: 10_000 }).toContain('<h1>It runs.</h1>')
      return (web = { container, port })
    },
    async cookieNames() {
      const answer = await fetch(`${instance.url}/api/auth/sign-in/email`, {
        method: 'POST',
        headers: { origin: instance.url, 'content-type': 'application/json' },
        body: JSON.stringify(person),
      })
      return answer.headers.getSetCookie().map((cookie) => cookie.split('=')[0] ?? '')
    },
    async remove() {
      isRemoved = true
      return instance.remove()
    },
  }
  return owned
}

/** One REST call with the given key. */
export async function ask<T>(
  instance: Instance,
  key: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: T }> {
  const response = await fetch(`${instance.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as T }
}

/** The page of a container's web server. */
export async function page(port: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined)
  return answer === undefined ? 'no answer' : answer.text()
}
