import type { Container, Image, WatchItem } from '@flotilla/protocol'
import { bytesOf } from './fitting.ts'

type Chunk = Extract<WatchItem, { type: 'snapshot' }>

const mostObjects = 500
/** Of several objects together; a larger one goes alone. */
const fullBytes = 1024 * 1024

/** What one engine has, in pieces that fit into frames; one that is empty where it has nothing. */
export function* snapshotOf(
  engine: string,
  containers: readonly Container[],
  images: readonly Image[],
): Generator<Chunk> {
  let chunk: Chunk = { type: 'snapshot', engine, containers: [], images: [] }
  let bytes = 0
  for (const object of [...containers.map((container) => ({ container })), ...images.map((image) => ({ image }))]) {
    const size = bytesOf(object)
    const count = chunk.containers.length + chunk.images.length
    if (count >= mostObjects || (count > 0 && bytes + size > fullBytes)) {
      yield chunk
      chunk = { type: 'snapshot', engine, containers: [], images: [] }
      bytes = 0
    }
    if ('container' in object) chunk.containers.push(object.container)
    else chunk.images.push(object.image)
    bytes += size
  }
  yield chunk
}
