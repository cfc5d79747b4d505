import type { Metadata } from 'next'
import { NetworkPage } from '../../../../features/networks/network-page.tsx'

export const metadata: Metadata = { title: 'Network · Flotilla' }

/** Exported once for every id: the page reads the id from the address. */
export function generateStaticParams() {
  return [{ id: '_' }]
}

export default function Page() {
  return <NetworkPage />
}
