import type { Container, Image } from '@flotilla/protocol'

/** Most bytes of one object on the wire; with what stands around it in a frame it stays far under a link's 4 MiB. */
const mostBytes = 3 * 1024 * 1024
const tooLarge = 'It is too large to be listed. Inspect the container on its host to see it.'

/** The object's bytes as JSON. */
export function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}

/** The container as it can be sent: a larger one goes without its labels and command, and says so. Null where even that is too large. */
export function fittingContainer(container: Container): Container | null {
  if (bytesOf(container) <= mostBytes) return container
  const limitations = { ...container.limitations, labels: tooLarge, command: tooLarge }
  const short = { ...container, labels: {}, command: [], limitations }
  return bytesOf(short) <= mostBytes ? short : null
}

/** The image as it can be sent; null where it is too large. */
export function fittingImage(image: Image): Image | null {
  return bytesOf(image) <= mostBytes ? image : null
}
