'use client'

import { useFocusReturn } from '@flotilla/ui'
import { Command } from '@flotilla/ui/command'
import { Activity, Moon, Sun } from 'lucide-react'
import { useDeferredValue, useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useSession } from '../../data/session.tsx'
import { setActivity } from '../../nouns/operations/activity-store.ts'
import { nouns } from '../../navigation/nouns.ts'
import { places } from '../../navigation/places.ts'
import { setTheme, useTheme } from '../../theme/theme.ts'
import { setPalette } from '../palette-store.ts'
import { AllThings, FoundThings } from './found-things.tsx'
import { fits } from './matching.ts'
import { PaletteGroup, PaletteLine } from './palette-line.tsx'

/** Go anywhere, do anything one may. */
export function Palette() {
  const t = useTranslations('palette')
  const [text, setText] = useState('')
  const search = useDeferredValue(text.trim())
  const giveBack = useRef(useFocusReturn())
  useEffect(() => {
    const back = giveBack.current
    return () => back()
  }, [])
  return (
    <Command.Dialog
      open
      filter={fits}
      onOpenChange={setPalette}
      label={t('label')}
      overlayClassName="fixed inset-0 z-40 bg-black/50 motion-safe:animate-fade"
      contentClassName="fixed top-[12vh] left-1/2 z-50 w-[calc(100vw-2rem)] max-w-xl -translate-x-1/2 overflow-hidden rounded-lg border border-line-strong bg-overlay shadow-float focus:outline-none motion-safe:animate-pop"
    >
      <Command.Input
        value={text}
        onValueChange={setText}
        placeholder={t('placeholder')}
        className="h-12 w-full border-b border-line bg-transparent px-4 text-base placeholder:text-faint focus:outline-none"
      />
      <Command.List className="max-h-[min(26rem,60vh)] overflow-y-auto p-1.5">
        <Command.Empty className="px-3 py-8 text-center text-sm text-muted">{t('nothing')}</Command.Empty>
        <Go />
        <Do />
        {nouns
          .filter((noun) => noun.found === 'typed')
          .map((noun) => (
            <FoundThings key={noun.name} noun={noun} search={search} />
          ))}
      </Command.List>
    </Command.Dialog>
  )
}

function Go() {
  const t = useTranslations('palette')
  const placeNames = useTranslations('places')
  return (
    <PaletteGroup heading={t('go')}>
      {places.map((place) => (
        <PaletteLine
          key={place.name}
          icon={<place.icon />}
          label={placeNames(place.name)}
          href={place.href}
          keys={['g', place.key]}
        />
      ))}
      {nouns
        .filter((noun) => noun.found === 'all')
        .map((noun) => (
          <AllThings key={noun.name} noun={noun} />
        ))}
    </PaletteGroup>
  )
}

function Do() {
  const t = useTranslations('palette')
  const { can } = useSession()
  const { shown } = useTheme()
  return (
    <PaletteGroup heading={t('do')}>
      {nouns.map(({ name, begin }) =>
        begin && can(begin.permission) ? (
          <PaletteLine
            key={name}
            icon={<begin.icon />}
            label={t(`begin.${name}`)}
            href={begin.href}
            {...(begin.key ? { keys: [begin.key] } : {})}
          />
        ) : null,
      )}
      <PaletteLine icon={<Activity />} label={t('activity')} onSelect={() => setActivity(true)} />
      <PaletteLine
        value={t('theme')}
        icon={shown === 'dark' ? <Sun /> : <Moon />}
        label={shown === 'dark' ? t('light') : t('dark')}
        onSelect={() => setTheme(shown === 'dark' ? 'light' : 'dark')}
      />
    </PaletteGroup>
  )
}
