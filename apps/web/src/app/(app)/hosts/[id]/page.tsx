import type { Metadata } from 'next'
import { HostPage } from '../../../../features/hosts/host-page.tsx'

export const metadata: Metadata = { title: 'Host · Flotilla' }

/** Exported once for every id: the page reads the id from the address. */
export function generateStaticParams() {
  return [{ id: '_' }]
}

export default function Page() {
  return <HostPage />
}
