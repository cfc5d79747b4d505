'use client'

import '../csp/style-nonce.ts'
import { TooltipProvider } from '@flotilla/ui'
import { QueryClientProvider } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { IntlProvider } from 'use-intl'
import { frameMessages } from '../../messages/en/frame.ts'
import { createQueryClient } from '../data/query-client.ts'
import { useSystemTheme } from '../theme/theme.ts'

/** What every page stands on: language, queries, tooltips. */
export function Providers({ children }: { children: ReactNode }) {
  const [queryClient] = useState(createQueryClient)
  useSystemTheme()
  return (
    <IntlProvider locale="en" messages={frameMessages} timeZone={timeZone()}>
      <QueryClientProvider client={queryClient}>
        <TooltipProvider delayDuration={300} skipDelayDuration={100}>
          {children}
        </TooltipProvider>
      </QueryClientProvider>
    </IntlProvider>
  )
}

function timeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}
