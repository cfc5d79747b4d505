import type { Metadata } from 'next'
import { ContainersPage } from '../../../features/containers/containers-page.tsx'

export const metadata: Metadata = { title: 'Containers · Flotilla' }

export default function Page() {
  return <ContainersPage />
}
