import type { Metadata } from 'next'
import { RunPage } from '../../../../features/run/run-page.tsx'

export const metadata: Metadata = { title: 'Run a container · Flotilla' }

export default function Page() {
  return <RunPage />
}
