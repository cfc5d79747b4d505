import { naming, quoting, registry, summing } from '@flotilla/protocol'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { everything, type Holder, type Sight } from '../fleet/holder.ts'
import { withoutHidden } from './seen-detail.ts'

const [seen, hidden] = ['a'.repeat(64), 'b'.repeat(64)]
const row = (id: string, name: string) => ({ id: `platform-${name}`, engine: 'docker', value: { id, name } })
const rows = (...all: [id: string, name: string][]) => new Map(all.map(([id, name]) => [id, row(id, name)]))
const tables = [
  { kind: 'container', rows: rows([seen, 'one'], [hidden, 'other'], ['e'.repeat(64), 'both']) },
  // Docker's id of a volume is its name.
  { kind: 'volume', rows: rows(['data', 'data'], ['site', 'site']) },
  { kind: 'network', rows: rows(['d'.repeat(64), 'backend'], ['f'.repeat(64), 'both']) },
]
const holder = { tables: () => tables } as unknown as Holder
const hiddenIds = [hidden, 'data', 'd'.repeat(64), 'f'.repeat(64)]
const sees: Sight = (_holder, _kind, { value }) => !hiddenIds.includes(value.id)

const Shape = z.object({
  usedBy: z.array(z.object({ id: z.string(), name: z.string() })),
  ids: z.array(z.string()),
  labels: z.record(z.string(), z.string()),
  workingDir: z.string(),
  mounts: z.array(z.object({ source: naming('volume', z.string()), target: z.string() })),
  volumes: z.array(
    z.object({ volume: z.object({ id: z.string(), name: z.string() }), sizeBytes: z.number().nullable() }),
  ),
  networks: z.array(naming('network', z.string(), { after: 'behind:' })),
  sharedWith: z.array(naming('container', z.string())),
  paths: z.array(z.object({ source: quoting(z.string()), target: z.string() })),
  totalBytes: summing({ list: 'volumes', field: 'sizeBytes' }, z.number()),
  native: z.record(z.string(), z.unknown()),
})
const detail = {
  usedBy: [
    { id: seen, name: 'one' },
    { id: hidden, name: 'other' },
  ],
  ids: [seen, hidden, hidden.slice(0, 12)],
  labels: { app: 'data', team: 'backend' },
  workingDir: '/data',
  mounts: [
    { source: 'data', target: '/srv' },
    { source: 'site', target: '/data' },
    { source: '/data', target: '/backend' },
  ],
  volumes: [
    { volume: { id: 'data', name: 'data' }, sizeBytes: 5 },
    { volume: { id: 'site', name: 'site' }, sizeBytes: 7 },
    { volume: { id: 'elsewhere', name: 'elsewhere' }, sizeBytes: null },
  ],
  networks: ['behind:backend', `behind:${'d'.repeat(64)}`, 'backend', 'behind:bridge'],
  sharedWith: ['one', 'other'],
  paths: [
    { source: '/var/lib/docker/volumes/data/site', target: '/data' },
    { source: `/var/lib/volumes/${hidden}/site`, target: '/other' },
  ],
  totalBytes: 12,
  native: {
    Containers: { [seen]: { Name: 'one' }, [hidden]: { Name: 'other' } },
    Peer: { ID: hidden, Name: 'other' },
    NetworkMode: `container:${hidden}`,
    Networks: { backend: { NetworkID: 'd'.repeat(64) }, bridge: { NetworkID: 'c'.repeat(64) } },
    Binds: ['data:/srv:rw', 'site:/www'],
    Mounts: [{ Name: 'data', Destination: '/srv' }, { Name: 'site' }],
    spec: { networks: [{ network: 'backend', aliases: ['db'] }, { network: 'bridge' }], network: 'backend' },
    Name: 'both',
    Created: null,
    Size: 7,
  },
}
const ask = (sight: Sight, engine = 'docker') => withoutHidden(detail, { holder, engine, sees: sight }, Shape, registry)

it('leaves out what is hidden of lists, of records by id and of texts, and of our own texts only what names it', () => {
  const { native, ...own } = ask(sees)
  expect(own).toEqual({
    usedBy: [{ id: seen, name: 'one' }],
    ids: [seen],
    labels: { app: 'data', team: 'backend' },
    workingDir: '/data',
    mounts: [
      { source: 'site', target: '/data' },
      { source: '/data', target: '/backend' },
    ],
    volumes: [
      { volume: { id: 'site', name: 'site' }, sizeBytes: 7 },
      { volume: { id: 'elsewhere', name: 'elsewhere' }, sizeBytes: null },
    ],
    networks: ['behind:[hidden]', 'behind:[hidden]', 'backend', 'behind:bridge'],
    sharedWith: ['one'],
    paths: [
      { source: '/var/lib/docker/volumes/[hidden]/site', target: '/data' },
      { source: '/var/lib/volumes/[hidden]/site', target: '/other' },
    ],
    totalBytes: 7,
  })
  expect(Shape.safeParse({ native, ...own }).success).toBe(true)
})

it("leaves its names out of an engine's own document, but no name that something visible has as well", () => {
  expect(ask(sees).native).toEqual({
    Containers: { [seen]: { Name: 'one' } },
    NetworkMode: 'container:[hidden]',
    Networks: { bridge: { NetworkID: 'c'.repeat(64) } },
    Binds: ['[hidden]:/srv:rw', 'site:/www'],
    Mounts: [{ Name: 'site' }],
    spec: { networks: [{ network: 'bridge' }], network: '[hidden]' },
    Name: 'both',
    Created: null,
    Size: 7,
  })
})

it('gives who sees everything, and another engine, what was said', () => {
  expect(ask(everything)).toBe(detail)
  expect(ask(sees, 'oci')).toBe(detail)
})
