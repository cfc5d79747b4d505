import type { Metadata } from 'next'
import { SetupPage } from '../../features/setup/setup-page.tsx'

export const metadata: Metadata = { title: 'Set up · Flotilla' }

export default function Page() {
  return <SetupPage />
}
