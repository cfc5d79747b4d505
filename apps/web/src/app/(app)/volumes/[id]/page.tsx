import type { Metadata } from 'next'
import { VolumePage } from '../../../../features/volumes/volume-page.tsx'

export const metadata: Metadata = { title: 'Volume · Flotilla' }

/** Exported once for every id: the page reads the id from the address. */
export function generateStaticParams() {
  return [{ id: '_' }]
}

export default function Page() {
  return <VolumePage />
}
