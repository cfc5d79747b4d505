import type { FleetImage } from '@flotilla/protocol'
import { imageName } from '../../format/image-name.ts'

/** Where the form of a new container begins with an image. */
export function runAddress(image: FleetImage): string {
  const query = new URLSearchParams({ image: imageName(image), host: image.hostId, engine: image.engine })
  return `/containers/new?${query.toString()}`
}
