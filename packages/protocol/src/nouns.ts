import { containerNoun } from './container-noun.ts'
import { imageNoun } from './image-noun.ts'
import { registryOf } from './registry.ts'
import { sessionNoun } from './session-noun.ts'

/** Every noun of the product, by its name in the method table. A new one is a line here. */
export const nouns = {
  containers: containerNoun,
  exec: sessionNoun,
  images: imageNoun,
}
export type Nouns = typeof nouns

/** What derives from all of them. */
export const registry = registryOf(Object.values(nouns))
