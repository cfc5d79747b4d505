import { FleetIndex, queryRows } from '@flotilla/api'
import { Container, containerNoun, type FleetContainer, type ListQuery, listQuery } from '@flotilla/protocol'

/** The fleet's index of the control plane in this process, with these rows of one host and nothing around it. */
export function indexAlone(rows: readonly FleetContainer[]): (query: Record<string, unknown>) => unknown {
  const index = new FleetIndex('bench')
  index.addHost({ id: 'host', organisationId: 'bench', name: 'host', transport: 'socket' })
  const containers = rows.map((row) => Container.parse({ ...row, id: row.nativeId }))
  const listed = new Set(containers.map(({ engine }) => `${containerNoun.kind} ${engine}`))
  const values = containers.map((value) => ({ engine: value.engine, value }))
  index.applySnapshot(
    'host',
    { rows: new Map([[containerNoun.kind, values]]), listed },
    { epoch: 'bench', sequence: 0 },
  )
  index.setState('host', 'connected')
  const shape = listQuery(containerNoun)
  return (query) => queryRows(index, { organisationId: 'bench' }, containerNoun, shape.parse(query) as ListQuery)
}
