'use client'

import type { RenderFailureProps } from '../../data/failures.tsx'
import { PlaceFailure } from '../../data/part.tsx'

/** A page that failed as it was drawn; going to another page takes this away. */
export default function PageError({ error, reset }: RenderFailureProps) {
  return <PlaceFailure name="page" error={error} reset={reset} />
}
