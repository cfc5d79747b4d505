import { contractSuite } from '@flotilla/testkit'
import { afterAll, beforeAll, describe } from 'vitest'
import { type ContractHost, openContractHost, type Way } from './contract-host.ts'

let host: ContractHost

beforeAll(async () => {
  host = await openContractHost()
})
afterAll(() => host?.remove())

const isLong = process.env['FLOTILLA_LONG'] === '1'
const depth = isLong ? 'whole' : 'way'
/** What a way does to a call does not depend on the engine behind it: each of both is met once, and the long run takes every pair. */
const engines: Record<Way, readonly string[]> = isLong
  ? { joined: ['oci', 'docker'], 'over SSH': ['oci', 'docker'] }
  : { joined: ['docker'], 'over SSH': ['oci'] }

for (const way of ['joined', 'over SSH'] satisfies Way[]) {
  describe(`a host ${way}`, () => {
    beforeAll(() => host.reach(way))
    for (const engine of engines[way]) {
      contractSuite({ engine, transport: way, depth }, () => host.subject(engine))
    }
  })
}
