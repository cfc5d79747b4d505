import type { Role } from '@flotilla/protocol'
import type { Platform } from '../lab/platform.ts'
import type { Browser, BrowserContext } from '@playwright/test'

export interface PersonLogin {
  email: string
  password: string
}

/** The state of a signed-in browser. */
export type SignedIn = Awaited<ReturnType<BrowserContext['storageState']>>

const password = 'correct horse battery'

/** Makes a person by the API, as an owner would; the owner is the one who set the platform up. */
export async function makePerson(platform: Platform, role: Role): Promise<PersonLogin> {
  if (role === 'owner') return platform.admin
  const email = `${role}@example.org`
  const name = `${role.slice(0, 1).toUpperCase()}${role.slice(1)}`
  const { status, text } = await platform.rest('POST', '/people', { email, name, password, role })
  if (status !== 200 && status !== 409) throw new Error(`No person was made: ${text}`)
  return { email, password }
}

/** Signs in once by the API; the cookies serve for any number of contexts. */
export async function signIn(browser: Browser, platform: Platform, person: PersonLogin): Promise<SignedIn> {
  const context = await browser.newContext({ baseURL: platform.url, ignoreHTTPSErrors: true })
  try {
    const answer = await context.request.post('/api/auth/sign-in/email', {
      data: { email: person.email, password: person.password },
      headers: { origin: platform.url },
    })
    if (!answer.ok()) throw new Error(`${person.email} could not sign in: ${await answer.text()}`)
    return await context.storageState()
  } finally {
    await context.close()
  }
}
