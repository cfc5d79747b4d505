import { createHash } from 'node:crypto'
import { type AnyNoun, containerNoun, imageNoun, listQuery, type ListQuery, type Row } from '@flotilla/protocol'
import { expect, test } from 'vitest'
import { FleetIndex } from './fleet-index.ts'
import { type Page, PageFinder, type Sortable } from './page.ts'
import { queryRows } from './query.ts'

const scope = { organisationId: 'org' }
const digest = (of: string) => `sha256:${createHash('sha256').update(of).digest('hex')}`

const names = [
  `k8s_POD_${'coredns-6f6b679f8f-'.repeat(8)}x7k2p_kube-system_${'1a2b3c4d-5e6f-4a1b-8c2d-9e0f1a2b3c4d'}_0`,
  'a1'.repeat(2000),
  'a1'.repeat(2000).concat('b'),
  '\u0001'.repeat(600),
  '\u{1f6a2}1'.repeat(400),
  ...Array.from({ length: 40 }, (_, at) => digest(`${at}`)),
]

function filled(): FleetIndex {
  const index = new FleetIndex('org')
  index.addHost({ id: 'h1', organisationId: 'org', name: 'one', transport: 'socket' })
  const of = (name: string) => ({ id: digest(name), engine: 'fake', labels: {}, ports: [], command: [] })
  const createdAt = '2026-01-01T00:00:00.000Z'
  const times = { createdAt, startedAt: null, finishedAt: null, exitCode: null, restartCount: 0 }
  const containers = names.map((name) => ({
    ...{ ...of(name), ...times, name, image: name, imageId: '', state: 'running' as const, network: 'none' },
    ...{ oomKilled: false, tty: false, createdByFlotilla: true },
  }))
  const images = names.map((name) => ({
    ...{
      id: digest(name),
      engine: 'fake',
      references: name.startsWith('sha256') ? [] : [name],
      digests: [],
      layers: 1,
    },
    ...{ createdAt, sizeBytes: 1, architecture: 'amd64', os: 'linux', usedBy: [] },
  }))
  const placed = (values: Row[]) => values.map((value) => ({ engine: 'fake', value }))
  const rows = new Map([
    ['container', placed(containers)],
    ['image', placed(images)],
  ])
  const snapshot = { rows, listed: new Set(['container fake', 'image fake']) }
  index.applySnapshot('h1', snapshot, { epoch: 'e1', sequence: 1 })
  return index
}

/** Every page of one row each, by cursors that a caller may send. */
function walk(next: (cursor: string | undefined) => Page<{ id: string }>): string[] {
  const ids: string[] = []
  let cursor: string | undefined
  do {
    const page = next(cursor)
    ids.push(...page.items.map(({ id }) => id))
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined && ids.length <= names.length)
  return ids
}

test.each(['asc', 'desc'])('lists of digests and of long names are paged through to their end: %s', (order) => {
  const index = filled()
  const ask = (noun: AnyNoun) => (cursor: string | undefined) =>
    queryRows(index, scope, noun, listQuery(noun).parse({ cursor, order, limit: 1 }) as ListQuery)
  const containers = walk(ask(containerNoun))
  const images = walk(ask(imageNoun))
  for (const ids of [containers, images]) {
    expect(ids).toHaveLength(names.length)
    expect(new Set(ids).size).toBe(names.length)
  }
})

test('cuts pages that together are the whole list in its order, whatever order the rows come in', () => {
  const found = Array.from({ length: 200 }, (_, at) => ({ id: `id-${(at * 73) % 200}`, key: (at * 41) % 17 }))
  for (const order of ['asc', 'desc'] as const) {
    const sign = order === 'asc' ? 1 : -1
    const sorted = found.toSorted((a, b) => sign * (a.key - b.key || (a.id < b.id ? -1 : 1)))
    for (const limit of [1, 7, 64, 199, 500]) {
      const seen: unknown[] = []
      let cursor: string | undefined
      do {
        const finder = new PageFinder<Sortable>({ limit, order, cursor })
        for (const one of found) if (finder.counts(one.key, one.id)) finder.add(one)
        const page: Page<unknown> = finder.page({}, (candidate) => candidate)
        expect(page.total).toBe(200)
        seen.push(...page.items)
        cursor = page.nextCursor ?? undefined
      } while (cursor !== undefined)
      expect(seen).toEqual(sorted)
    }
  }
})
