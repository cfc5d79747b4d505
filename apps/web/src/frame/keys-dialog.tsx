'use client'

import { Dialog, Kbd } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { nouns } from '../navigation/nouns.ts'
import { places } from '../navigation/places.ts'

/** The keys that work on every page. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  const t = useTranslations('keys')
  const common = useTranslations('common')
  const placeNames = useTranslations('places')
  const begin = useTranslations('palette.begin')
  const lines: [string[], string][] = [
    [['Ctrl', 'K'], t('palette')],
    ...places.map((place): [string[], string] => [['g', place.key], placeNames(place.name)]),
    ...nouns.flatMap((noun): [string[], string][] => (noun.begin?.key ? [[[noun.begin.key], begin(noun.name)]] : [])),
    [['/'], t('search')],
    [['j', 'k'], t('move')],
    [['x'], t('select')],
    [['Enter'], t('open')],
    [['Space'], t('peek')],
    [['.'], t('actions')],
    [['?'], t('help')],
  ]
  return (
    <Dialog open onOpenChange={onClose} title={t('title')} closeLabel={common('close')}>
      <dl className="divide-y divide-line/60 text-sm">
        {lines.map(([keys, text]) => (
          <div key={text} className="flex h-8 flex-row-reverse items-center justify-between gap-4">
            <dt className="flex gap-1">
              {keys.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
