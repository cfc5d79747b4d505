import type { Metadata } from 'next'
import { ContainerPage } from '../../../../features/containers/container-page.tsx'

export const metadata: Metadata = { title: 'Container · Flotilla' }

/** Exported once for every id: the page reads the id from the address. */
export function generateStaticParams() {
  return [{ id: '_' }]
}

export default function Page() {
  return <ContainerPage />
}
