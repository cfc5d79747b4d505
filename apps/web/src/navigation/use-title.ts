import { useEffect } from 'react'
import { useTranslations } from 'use-intl'

/** Names the browser's tab after the thing that the page shows, once its name is known. */
export function useTitle(name: string | undefined): void {
  const t = useTranslations('frame')
  const product = t('product')
  useEffect(() => {
    if (name !== undefined && name !== '') document.title = `${name} · ${product}`
  }, [name, product])
}
