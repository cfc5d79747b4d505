import type { Metadata } from 'next'
import { ImagesPage } from '../../../features/images/images-page.tsx'

export const metadata: Metadata = { title: 'Images · Flotilla' }

export default function Page() {
  return <ImagesPage />
}
