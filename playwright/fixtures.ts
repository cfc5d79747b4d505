import { type Platform, startPlatform } from '@flotilla/testkit/lab/platform'
import type { FleetContainer, Role } from '@flotilla/protocol'
import { type BrowserContextOptions, expect, type Page, test as base } from '@playwright/test'
import { dashboard } from '@flotilla/testkit/browser/dashboard'
import { makePerson, type SignedIn, signIn } from '@flotilla/testkit/browser/people'
import { look } from './lib/look.ts'
import { openRegistry, type TestRegistry } from './lib/registry.ts'
import { Complaints } from './lib/watch-page.ts'

export const starter = 'flotilla.local/starter:latest'

interface WorkerFixtures {
  /** A real control plane and agent with the native engine and the built dashboard; set up, owned by Ada. */
  platform: Platform
  /** The signed-in state of somebody of a role, made when it is first asked for. */
  signedInAs: (role: Role) => Promise<SignedIn>
  /** A real registry on loopback, started when a test first asks for it. */
  registry: TestRegistry
}

interface TestFixtures {
  /** What a page complains of fails its test; `complaints.expect` says what is meant to happen. */
  complaints: Complaints
  /** A page of its own browser for somebody of that role. `page` is the owner's. */
  pageAs: (role: Role, options?: BrowserContextOptions) => Promise<Page>
  /** Makes and starts a container by the API; it is removed after the test. */
  run: (spec: Record<string, unknown>) => Promise<FleetContainer>
  /** The machine's own host. */
  hostId: string
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  platform: [
    async ({}, use) => {
      const platform = await startPlatform({ dashboard })
      await use(platform)
      await platform.close()
    },
    // One bound for its start and its end together; the first on a machine reads all its programs from a cold disk.
    { scope: 'worker', timeout: 180_000 },
  ],
  signedInAs: [
    async ({ platform, browser }, use) => {
      const known = new Map<Role, Promise<SignedIn>>()
      await use((role) => {
        const state = known.get(role) ?? makePerson(platform, role).then((person) => signIn(browser, platform, person))
        known.set(role, state)
        return state
      })
    },
    { scope: 'worker' },
  ],
  registry: [
    async ({}, use) => {
      const registry = await openRegistry()
      await use(registry)
      await registry.stop()
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  complaints: [
    async ({}, use) => {
      const complaints = new Complaints()
      await use(complaints)
      expect(complaints.list(), 'what the pages complained of').toEqual([])
    },
    { auto: true },
  ],
  baseURL: async ({ platform }, use) => use(platform.url),
  storageState: async ({ signedInAs }, use) => use(await signedInAs('owner')),
  context: async ({ context, complaints }, use) => {
    complaints.watch(context)
    await use(context)
  },
  pageAs: async ({ browser, signedInAs, platform, complaints }, use) => {
    const opened: Page[] = []
    await use(async (role, options = {}) => {
      const context = await browser.newContext({
        baseURL: platform.url,
        ...look,
        ...options,
        storageState: await signedInAs(role),
      })
      complaints.watch(context)
      const page = await context.newPage()
      opened.push(page)
      return page
    })
    for (const page of opened) await page.context().close()
  },
  hostId: async ({ platform }, use) => {
    const { body } = await platform.rest<{ id: string; transport: string }[]>('GET', '/hosts')
    await use(body.find(({ transport }) => transport === 'socket')?.id ?? '')
  },
  run: async ({ platform, hostId }, use) => {
    const made: string[] = []
    await use(async (spec) => {
      const input = { image: starter, start: true, ...spec }
      const { status, body, text } = await platform.rest<FleetContainer>('POST', `/hosts/${hostId}/containers`, input)
      if (status !== 200) throw new Error(`No container was made: ${text}`)
      made.push(body.id)
      return body
    })
    for (const id of made) {
      const { status, text } = await platform.rest('DELETE', `/containers/${id}?force=true`)
      if (status !== 200 && status !== 404) throw new Error(`A container was not removed: ${text}`)
    }
  },
})

export { expect }
export { expectAccessible } from './lib/accessible.ts'
