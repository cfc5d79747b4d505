'use client'

import { cn, Tooltip } from '@flotilla/ui'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { useTranslations } from 'use-intl'
import { Logo } from '../entry/logo.tsx'
import { isWithin, places } from '../navigation/places.ts'
import { withScope } from '../navigation/scope.ts'

/** The product's name, which leads to the overview. */
export function Brand({ labelClassName }: { labelClassName?: string | undefined }) {
  const frame = useTranslations('frame')
  return (
    <Link
      href="/"
      prefetch={false}
      className="flex h-12 shrink-0 items-center gap-2.5 px-4 focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-accent"
    >
      <Logo className="size-5 shrink-0" />
      <span className={cn('truncate text-base font-semibold tracking-tight', labelClassName)}>{frame('product')}</span>
    </Link>
  )
}

/** The links to every place; narrow, their names show on hover. */
export function Places({
  narrow = false,
  search = '',
  labelClassName = narrow ? 'sr-only' : undefined,
  prefetch = false,
  onGo,
}: {
  narrow?: boolean
  /** Of the page's address: what is in scope stays so. */
  search?: string
  labelClassName?: string | undefined
  /** Loads the places' pages before they are asked for. */
  prefetch?: boolean
  onGo?: () => void
}) {
  const t = useTranslations('places')
  const frame = useTranslations('frame')
  const pathname = usePathname()
  return (
    <nav aria-label={frame('navigation')} className="flex flex-col gap-0.5 p-2">
      {places.map((place) => {
        const here = isWithin(place, pathname)
        const scoped = withScope(place.href, search)
        const link = (
          <Link
            key={place.name}
            href={scoped}
            prefetch={prefetch ? null : false}
            aria-current={here ? 'page' : undefined}
            onClick={onGo}
            className={cn(
              'flex h-8 items-center gap-2.5 rounded-md px-2 text-sm transition-colors duration-150 focus-visible:outline-2 focus-visible:outline-accent',
              here ? 'bg-raised font-medium text-fg' : 'text-muted hover:bg-raised/60 hover:text-fg',
            )}
          >
            <place.icon className="size-4 shrink-0" aria-hidden />
            <span className={labelClassName}>{t(place.name)}</span>
          </Link>
        )
        return narrow ? (
          <Tooltip key={place.name} text={t(place.name)} side="right">
            {link}
          </Tooltip>
        ) : (
          link
        )
      })}
    </nav>
  )
}
