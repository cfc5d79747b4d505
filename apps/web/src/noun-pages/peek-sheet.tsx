'use client'

import { Sheet } from '@flotilla/ui'
import { useEffect, useRef, type ReactNode } from 'react'
import { useTranslations } from 'use-intl'

/** A look at a row without leaving the list. */
export function PeekSheet(props: {
  /** What the row is called. */
  name: string
  children: ReactNode
  onClose: () => void
  /** `j` and `k` go on to the rows below and above. */
  onStep: (step: 1 | -1) => void
}) {
  const t = useTranslations('table')
  const common = useTranslations('common')
  const latest = useRef(props)
  useEffect(() => {
    latest.current = props
  })
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      // The very key that opened it comes here too; the table has taken it.
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
      if (document.querySelector('[role="menu"]')) return
      const onControl = event.target instanceof HTMLElement && event.target.closest('button,a,input') !== null
      if (event.key === 'j') latest.current.onStep(1)
      else if (event.key === 'k') latest.current.onStep(-1)
      else if (event.key === ' ' && !onControl) latest.current.onClose()
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [])
  return (
    <Sheet
      open
      onOpenChange={(open) => {
        if (!open) props.onClose()
      }}
      title={<span className="font-mono">{props.name}</span>}
      label={t('peek', { name: props.name })}
      closeLabel={common('close')}
    >
      {props.children}
    </Sheet>
  )
}
