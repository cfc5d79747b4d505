import type { Metadata } from 'next'
import { ImagePage } from '../../../../features/images/image-page.tsx'

export const metadata: Metadata = { title: 'Image · Flotilla' }

/** Exported once for every id: the page reads the id from the address. */
export function generateStaticParams() {
  return [{ id: '_' }]
}

export default function Page() {
  return <ImagePage />
}
