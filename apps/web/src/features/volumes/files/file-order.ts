import type { FileEntry } from '@flotilla/protocol'
import { type Order, orderRows } from '../../../table/order-rows.ts'

/** What a folder's entries are sorted by. The first is the order in which they come. */
export const fileSorts = ['name', 'size', 'modified'] as const
export type FileOrder = Order<(typeof fileSorts)[number]>

/** Whether entries are in this order as they come. */
export function isAsListed({ by, order }: FileOrder): boolean {
  return by === 'name' && order === 'asc'
}

/** Entries as they come, in this order: folders stay before all else, and have no size to be sorted by. */
export function orderFiles(entries: readonly FileEntry[], { by, order }: FileOrder): readonly FileEntry[] {
  if (isAsListed({ by, order })) return entries
  const folders = entries.filter(({ type }) => type === 'folder')
  const others = entries.filter(({ type }) => type !== 'folder')
  // They came by name: turned around, each of a name is where it would be by the server's own order.
  if (by === 'name') return [...folders.reverse(), ...others.reverse()]
  if (by === 'size') return [...folders, ...orderRows(others, sizeOf, order)]
  const timeOf = ({ modifiedAt }: FileEntry) => Date.parse(modifiedAt)
  return [...orderRows(folders, timeOf, order), ...orderRows(others, timeOf, order)]
}

/** What is no file shows no size, and counts as less than an empty one. */
const sizeOf = ({ type, sizeBytes }: FileEntry) => (type === 'file' ? sizeBytes : -1)
