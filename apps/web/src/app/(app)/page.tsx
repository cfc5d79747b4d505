import type { Metadata } from 'next'
import { preload } from 'react-dom'
import { OverviewPage } from '../../features/overview/overview-page.tsx'

export const metadata: Metadata = { title: 'Overview · Flotilla' }

/** What the page asks, word for word as the client of tRPC will: it is there when it is known who looks. */
const everything = `/api/trpc/overview.get?input=${encodeURIComponent('{}')}`

export default function Page() {
  preload(everything, { as: 'fetch', crossOrigin: 'anonymous' })
  return <OverviewPage />
}
