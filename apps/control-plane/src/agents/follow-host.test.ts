import { FleetIndex, followHost, HostGateway } from '@flotilla/api'
import { openDatabase } from '@flotilla/db'
import { createLogger } from '@flotilla/log'
import { expect, test } from 'vitest'
import { linkTo } from '../testing/scripted-host.ts'

const log = createLogger('test', 'silent')
const host = { id: 'h1', organisationId: 'org', name: 'one', transport: 'websocket' } as const

test('where the lease cannot be asked for, the link is let go, so that the host can come in again', async () => {
  const index = new FleetIndex('org')
  index.addHost(host)
  const gateway = new HostGateway(index)
  const db = openDatabase({ url: 'postgres://nobody@127.0.0.1:1/none' })
  const link = await linkTo({})
  await expect(followHost({ hostId: 'h1', link, index, gateway, db, log, holder: 'me' })).rejects.toThrow()
  expect((await link.closed).code).toBe('CANCELLED')
  expect(gateway.linkOf('h1')).toBeUndefined()
  expect(index.host('h1')?.state).toBe('away')
  await db.close()
})
