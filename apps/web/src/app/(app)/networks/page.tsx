import type { Metadata } from 'next'
import { NetworksPage } from '../../../features/networks/networks-page.tsx'

export const metadata: Metadata = { title: 'Networks · Flotilla' }

export default function Page() {
  return <NetworksPage />
}
