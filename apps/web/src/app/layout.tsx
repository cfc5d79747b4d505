import { GeistMono } from 'geist/font/mono'
import { GeistSans } from 'geist/font/sans'
import type { Metadata, Viewport } from 'next'
import type { ReactNode } from 'react'
import { Providers } from '../shell/providers.tsx'
import { themeScript } from '../shell/theme-script.ts'
import './globals.css'

export const metadata: Metadata = { title: 'Flotilla', description: 'Containers on a fleet of hosts' }
export const viewport: Viewport = { width: 'device-width', initialScale: 1, themeColor: '#0d0f13' }

/** Every page. The one inline script chooses the theme before the first paint; the control plane allows it by its hash. */
export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" className={`${GeistSans.variable} ${GeistMono.variable}`} suppressHydrationWarning>
      <body>
        <script dangerouslySetInnerHTML={{ __html: themeScript }} />
        <Providers>{children}</Providers>
      </body>
    </html>
  )
}
