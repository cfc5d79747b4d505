import type { FleetVolume } from '@flotilla/protocol'
import { expect, test as base } from '../fixtures.ts'

/** With volumes made by the API; all are removed after the test. */
export const test = base.extend<{ volume: (name: string, labels?: Record<string, string>) => Promise<FleetVolume> }>({
  volume: async ({ platform, hostId }, use) => {
    await use(async (name, labels = {}) => {
      const input = { name, labels }
      const { status, body, text } = await platform.rest<FleetVolume>('POST', `/hosts/${hostId}/volumes`, input)
      expect(status, text).toBe(200)
      return body
    })
    const { body } = await platform.rest<{ items: FleetVolume[] }>('GET', '/volumes')
    for (const { id } of body.items) await platform.rest('DELETE', `/volumes/${id}`)
  },
})
