import { expect, it } from 'vitest'
import { everything, type Holder, type Sight } from '../fleet/holder.ts'
import { withoutHidden } from './seen-detail.ts'

const [seen, hidden] = ['a'.repeat(64), 'b'.repeat(64)]
const row = (id: string, engine = 'docker') => ({ id: `platform-${id[0]}`, engine, value: { id } })
const rows = new Map([seen, hidden].map((id) => [id, row(id)]))
const holder = { tables: () => [{ kind: 'container', rows }] } as unknown as Holder
const sees: Sight = (_holder, _kind, { value }) => value.id !== hidden
const detail = {
  usedBy: [
    { id: seen, name: 'one' },
    { id: hidden, name: 'other' },
  ],
  ids: [seen, hidden, hidden.slice(0, 12)],
  native: {
    Containers: { [seen]: { Name: 'one' }, [hidden]: { Name: 'other' } },
    Peer: { ID: hidden, Name: 'other' },
    NetworkMode: `container:${hidden}`,
    Created: null,
    Size: 7,
  },
}

it('leaves out what is hidden of lists, of records by id and of texts', () => {
  const clean = withoutHidden(detail, { holder, engine: 'docker', sees })
  expect(clean).toEqual({
    usedBy: [{ id: seen, name: 'one' }],
    ids: [seen],
    native: { Containers: { [seen]: { Name: 'one' } }, NetworkMode: 'container:[hidden]', Created: null, Size: 7 },
  })
})

it('gives who sees everything, and another engine, what was said', () => {
  expect(withoutHidden(detail, { holder, engine: 'docker', sees: everything })).toBe(detail)
  expect(withoutHidden(detail, { holder, engine: 'oci', sees })).toBe(detail)
})
