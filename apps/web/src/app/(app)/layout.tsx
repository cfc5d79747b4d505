import { Suspense, type ReactNode } from 'react'
import { Frame } from '../../shell/frame.tsx'

/** Pages of somebody who is signed in. */
export default function AppLayout({ children }: { children: ReactNode }) {
  return (
    <Suspense>
      <Frame>{children}</Frame>
    </Suspense>
  )
}
