import type { FirstChange, FirstSnapshot, RowChange, Rows } from '@flotilla/protocol'

/** A piece of the state as an agent of the first protocol sends it. */
export function rowsOf({ engine, containers, images }: FirstSnapshot): Rows[] {
  const lists = { container: containers, image: images }
  return Object.entries(lists).map(([kind, rows]) => ({ type: 'rows', kind, engine, rows }))
}

/** A change as an agent of the first protocol tells it; it does not say who asked for it. */
export function changeOf({ version, engine, event }: FirstChange): RowChange {
  const { type: kind, action, id, at } = event
  const row = event.type === 'container' ? event.container : event.image
  return { type: 'row', version, kind, engine, id, action, at, actor: null, operationId: null, row }
}
