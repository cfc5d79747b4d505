import type { Metadata } from 'next'
import { HostsPage } from '../../../features/hosts/hosts-page.tsx'

export const metadata: Metadata = { title: 'Hosts · Flotilla' }

export default function Page() {
  return <HostsPage />
}
