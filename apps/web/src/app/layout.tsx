import '@fontsource-variable/geist'
import '@fontsource-variable/geist-mono'
import type { Metadata, Viewport } from 'next'
import type { ReactNode } from 'react'
import { Providers } from '../frame/providers.tsx'
import { firstPaintScript } from '../theme/first-paint-script.ts'
import { monoFont, sansFont } from './fonts.ts'
import './globals.css'

export const metadata: Metadata = { title: 'Flotilla', description: 'Containers on a fleet of hosts' }
export const viewport: Viewport = { width: 'device-width', initialScale: 1, themeColor: '#0d0f13' }

/** Every page. The one inline script chooses what the first paint looks like; the control plane allows it by its hash. */
export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" className={`${sansFont.variable} ${monoFont.variable}`} suppressHydrationWarning>
      <body>
        <script dangerouslySetInnerHTML={{ __html: firstPaintScript }} />
        <Providers>{children}</Providers>
      </body>
    </html>
  )
}
