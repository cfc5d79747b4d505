'use client'

import { WholeFailure, type RenderFailureProps } from '../frame/render-failure.tsx'

/** Whatever failed as it was drawn outside a page: the frame, the doors. */
export default function RootError({ error, reset }: RenderFailureProps) {
  return <WholeFailure error={error} reset={reset} />
}
