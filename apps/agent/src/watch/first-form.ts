import { randomUUID } from 'node:crypto'
import type { Container, FirstChange, FirstSnapshot, Image, RowChange, Rows, WatchItem } from '@flotilla/protocol'

/** The kinds of the first protocol. */
const firstKinds: ReadonlySet<string> = new Set<FirstKind>(['container', 'image'])
type FirstKind = FirstChange['event']['type']

/**
 * A watch as the first protocol had it, for a control plane that is older than this agent. It numbers what it tells by itself,
 * since that control plane takes every number that is left out for a change that was lost.
 */
export async function* firstForm(
  watch: (kinds: ReadonlySet<string>) => AsyncIterable<WatchItem>,
): AsyncGenerator<WatchItem> {
  const epoch = randomUUID()
  let sequence = 0
  for await (const item of watch(firstKinds)) {
    switch (item.type) {
      case 'hello':
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
