import { FleetIndex } from '@flotilla/api'
import { Container, ContainerListQuery, type FleetContainer } from '@flotilla/protocol'
// No export of the room: what a list costs before it is written and sent can be asked only here.
import { queryContainers } from '../../packages/api/src/fleet/container-query.ts'

/** The fleet's index of the control plane in this process, with these rows of one host and nothing around it. */
export function indexAlone(rows: readonly FleetContainer[]): (query: Record<string, unknown>) => unknown {
  const index = new FleetIndex('bench')
  index.addHost({ id: 'host', organisationId: 'bench', name: 'host', transport: 'socket' })
  const containers = rows.map((row) => Container.parse({ ...row, id: row.nativeId }))
  const listed = new Set(containers.map(({ engine }) => engine))
  index.applySnapshot('host', { containers, images: [], listed }, { epoch: 'bench', sequence: 0 })
  index.setState('host', 'connected')
  return (query) => queryContainers(index, { organisationId: 'bench' }, ContainerListQuery.parse(query))
}
