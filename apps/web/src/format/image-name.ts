import type { FleetImage } from '@flotilla/protocol'
import { shortReference } from './image-reference.ts'

/** What an image is called: its first tag, else its digest's repository, else the beginning of its id. */
export function imageName(image: Pick<FleetImage, 'references' | 'imageId'>): string {
  const tag = image.references.find((reference) => !reference.includes('@')) ?? image.references[0]
  if (tag !== undefined) return shortReference(tag).replace(/@sha256:([0-9a-f]{12}).*$/, '@$1')
  return image.imageId.replace(/^sha256:/, '').slice(0, 12)
}

/** Its tags but the first. */
export function otherTags(image: Pick<FleetImage, 'references'>): string[] {
  return image.references.filter((reference) => !reference.includes('@')).slice(1)
}
