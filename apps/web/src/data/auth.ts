import { ClientError } from './error.ts'

interface AuthFailure {
  message?: string
  code?: string
}

async function post(path: string, body: unknown): Promise<void> {
  let response: Response
  try {
    response = await fetch(`/api/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      credentials: 'same-origin',
    })
  } catch (error) {
    throw new ClientError({ code: 'UNAVAILABLE', message: error instanceof Error ? error.message : String(error) })
  }
  if (response.ok) return
  const failure = (await response.json().catch(() => ({}))) as AuthFailure
  const code = response.status === 429 ? 'RESOURCE_EXHAUSTED' : response.status >= 500 ? 'INTERNAL' : 'UNAUTHENTICATED'
  throw new ClientError({ code, message: failure.message ?? response.statusText })
}

/** Signs in by the identity service's own endpoint; the session is a cookie that scripts cannot read. */
export function signIn(email: string, password: string): Promise<void> {
  return post('sign-in/email', { email, password })
}

export function signOut(): Promise<void> {
  return post('sign-out', {})
}
