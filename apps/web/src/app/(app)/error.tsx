'use client'

import { PageFailure, type RenderFailureProps } from '../../frame/render-failure.tsx'

/** A page that failed as it was drawn; going to another page takes this away. */
export default function PageError({ error, reset }: RenderFailureProps) {
  return <PageFailure error={error} reset={reset} />
}
