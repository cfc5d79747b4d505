'use client'

import { Suspense } from 'react'
import type { RenderFailureProps } from '../data/failures.tsx'
import { lazily } from '../data/lazily.ts'

const WholeFailure = lazily(() => import('../frame/render-failure.tsx').then((module) => module.WholeFailure))

/** Whatever failed as it was drawn outside a page: the frame, the doors. */
export default function RootError({ error, reset }: RenderFailureProps) {
  return (
    <Suspense>
      <WholeFailure error={error} reset={reset} />
    </Suspense>
  )
}
