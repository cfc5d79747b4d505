'use client'

import { Skeleton } from '@flotilla/ui'
import { usePathname } from 'next/navigation'
import { useTranslations } from 'use-intl'
import { isWithin, places } from '../navigation/places.ts'
import { RailSkeleton } from './rail.tsx'

/** The frame as it is exported and first painted: the places are there before any script is, what they hold is not. */
export function FrameSkeleton() {
  const t = useTranslations('places')
  const pathname = usePathname()
  const place = places.find((each) => isWithin(each, pathname))
  return (
    <div className="flex h-dvh" aria-busy="true">
      <RailSkeleton />
      <div className="flex-1">
        <div className="flex h-12 items-center border-b border-line px-3 text-sm font-semibold max-md:pl-12 sm:px-4">
          {place?.href === pathname ? t(place.name) : null}
        </div>
        <div className="space-y-2 p-4">
          <Skeleton className="h-6 w-48" />
          <Skeleton className="h-40" />
        </div>
      </div>
    </div>
  )
}
