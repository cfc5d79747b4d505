'use client'

import { Button } from '@flotilla/ui'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { Entry } from '../entry/entry.tsx'

/** No such page. */
export default function NotFound() {
  const t = useTranslations('notFound')
  return (
    <Entry title={t('title')}>
      <p className="text-base text-muted">{t('text')}</p>
      <Button asChild className="mt-5">
        <Link href="/">{t('home')}</Link>
      </Button>
    </Entry>
  )
}
