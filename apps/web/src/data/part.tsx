'use client'

import { Component, Suspense, type ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import type { RenderFailureProps } from './failures.tsx'
import { lazily } from './lazily.ts'

const Failure = lazily(() => import('./failures.tsx').then((module) => module.PartFailure))
const DialogFailure = lazily(() => import('./failures.tsx').then((module) => module.DialogFailure))

interface BoundaryProps {
  children: ReactNode
  failed: (failure: RenderFailureProps) => ReactNode
}

/** What fails as it is drawn takes no more with it than what stands in here. */
class Boundary extends Component<BoundaryProps, { error: Error | null }> {
  override state: { error: Error | null } = { error: null }

  static getDerivedStateFromError(thrown: unknown): { error: Error } {
    return { error: thrown instanceof Error ? thrown : new Error(String(thrown)) }
  }

  readonly #reset = () => this.setState({ error: null })

  override render(): ReactNode {
    const { error } = this.state
    return error === null ? this.props.children : this.props.failed({ error, reset: this.#reset })
  }
}

/** A page or a view of one, in whose place it is said that it could not be drawn; how it goes on comes with code of its own. */
export function PlaceFailure(props: RenderFailureProps & { name: 'page' | 'tab' }) {
  const t = useTranslations('errors.render')
  return (
    <Suspense fallback={<p className="p-4 text-base">{t(`${props.name}.title`)}</p>}>
      <Failure {...props} />
    </Suspense>
  )
}

/** A view of a page that fails by itself. */
export function TabPart({ children }: { children: ReactNode }) {
  return <Boundary failed={(failure) => <PlaceFailure name="tab" {...failure} />}>{children}</Boundary>
}

/** A dialog or sheet that comes with code of its own and fails by itself. */
export function DialogPart({ children, onClose }: { children: ReactNode; onClose: () => void }) {
  const failed = (failure: RenderFailureProps) => (
    <Suspense>
      <DialogFailure {...failure} onClose={onClose} />
    </Suspense>
  )
  return (
    <Boundary failed={failed}>
      <Suspense>{children}</Suspense>
    </Boundary>
  )
}
