'use client'

import { useMemo, type ComponentType } from 'react'
import { IntlProvider, useLocale, useMessages } from 'use-intl'
import type { messages } from '../../messages/en/index.ts'

/** A page with the texts that it alone shows, so that no other page loads them. */
export function withTexts(texts: Partial<typeof messages>, Page: ComponentType): ComponentType {
  return function PageWithTexts() {
    const known = useMessages()
    const all = useMemo(() => ({ ...known, ...texts }), [known])
    return (
      <IntlProvider locale={useLocale()} messages={all}>
        <Page />
      </IntlProvider>
    )
  }
}
