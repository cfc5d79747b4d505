'use client'

import { Button } from '@flotilla/ui'
import Link from 'next/link'
import { useTranslations } from 'use-intl'

/** No such page. */
export default function NotFound() {
  const t = useTranslations('notFound')
  return (
    <main className="flex h-dvh flex-col items-center justify-center gap-2 px-6 text-center">
      <h1 className="text-lg font-semibold">{t('title')}</h1>
      <p className="max-w-sm text-sm text-muted">{t('text')}</p>
      <Button asChild className="mt-3">
        <Link href="/">{t('home')}</Link>
      </Button>
    </main>
  )
}
