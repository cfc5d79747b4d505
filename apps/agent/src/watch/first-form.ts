import type {
  Container,
  FirstChange,
  FirstSnapshot,
  Image,
  RowChange,
  Rows,
  Version,
  WatchItem,
} from '@flotilla/protocol'

type FirstKind = FirstChange['event']['type']

/** The kinds of the first protocol. */
const firstKinds: ReadonlySet<string> = new Set<FirstKind>(['container', 'image'])

/** Whether the first protocol knew of it. */
export function isFirstKind(kind: string): boolean {
  return firstKinds.has(kind)
}

interface FirstWatch {
  /** The hub's epoch. */
  readonly hub: string
  /** What the watcher has seen last, by the numbers that it was told. */
  readonly since: Version | undefined
  /** The hub's number of the place after so many changes of the first kinds; undefined where that is no longer known. */
  placeOf(sequence: number): number | undefined
  /** How many changes of the first kinds there were up to one of the hub's numbers. */
  numberAt(sequence: number): number
  watch(from: Version | undefined, kinds: ReadonlySet<string>): AsyncIterable<WatchItem>
}

/**
 * A watch as the first protocol had it, for a control plane that is older than this agent. It counts the changes of the first
 * kinds alone, since that control plane takes every number that is left out for a change that was lost.
 */
export async function* firstForm({ hub, since, placeOf, numberAt, watch }: FirstWatch): AsyncGenerator<WatchItem> {
  const epoch = `${hub}-first`
  const place = since?.epoch === epoch ? placeOf(since.sequence) : undefined
  let sequence = since?.sequence ?? 0
  for await (const item of watch(place === undefined ? undefined : { epoch: hub, sequence: place }, firstKinds)) {
    switch (item.type) {
      case 'hello':
        if (!item.resumed) sequence = numberAt(item.version.sequence)
        yield { ...item, version: { epoch, sequence } }
        break
      case 'snapshot-end':
        yield { type: 'snapshot-end', version: { epoch, sequence } }
        break
      case 'rows':
        yield firstSnapshot(item)
        break
      case 'row':
        sequence += 1
        yield { type: 'change', version: { epoch, sequence }, engine: item.engine, event: firstEvent(item) }
        break
      case 'passed':
        break
      default:
        yield item
    }
  }
}

function firstSnapshot({ engine, kind, rows }: Rows): FirstSnapshot {
  const isOf = (one: FirstKind) => kind === one
  return {
    type: 'snapshot',
    engine,
    containers: isOf('container') ? (rows as Container[]) : [],
    images: isOf('image') ? (rows as Image[]) : [],
  }
}

function firstEvent({ kind, id, at, row, ...rest }: RowChange): FirstChange['event'] {
  const action = rest.action === '' ? 'update' : rest.action
  return (kind as FirstKind) === 'container'
    ? { type: 'container', action, id, at, container: row as Container | null }
    : { type: 'image', action, id, at, image: row as Image | null }
}
