import { contractSuite } from '@flotilla/testkit'
import { afterAll, beforeAll, describe } from 'vitest'
import { type ContractHost, openContractHost, type Way } from './contract-host.ts'

let host: ContractHost

beforeAll(async () => {
  host = await openContractHost()
})
afterAll(() => host?.remove())

const depth = process.env['FLOTILLA_LONG'] === '1' ? 'whole' : 'way'

for (const way of ['joined', 'over SSH'] satisfies Way[]) {
  describe(`a host ${way}`, () => {
    beforeAll(() => host.reach(way))
    for (const engine of ['oci', 'docker']) {
      contractSuite({ engine, transport: way, depth }, () => host.subject(engine))
    }
  })
}
