'use client'

import { useMemo, type ComponentType } from 'react'
import { IntlProvider, useLocale, useMessages } from 'use-intl'
import type { messages } from '../../messages/en/index.ts'

/** A page, or a part of one that loads later, with the texts that it alone shows, so that no other page loads them. */
export function withTexts<Props extends object>(
  texts: Partial<typeof messages>,
  Part: ComponentType<Props>,
): ComponentType<Props> {
  return function PartWithTexts(props: Props) {
    const known = useMessages()
    const all = useMemo(() => ({ ...known, ...texts }), [known])
    return (
      <IntlProvider locale={useLocale()} messages={all}>
        <Part {...props} />
      </IntlProvider>
    )
  }
}
