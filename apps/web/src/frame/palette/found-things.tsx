'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { foundIn, useNounQueries } from '../../data/noun-queries.ts'
import { addressOf } from '../../navigation/addresses.ts'
import { titleOf, type Noun, type NounRow } from '../../navigation/nouns.ts'
import { lastWord, nearest } from './matching.ts'
import { nounExtras } from './noun-extras.tsx'
import { PaletteGroup, PaletteLine } from './palette-line.tsx'

const asked = 50
const shown = 8

/** All of a noun of which there are few. */
export function AllThings({ noun }: { noun: Noun }) {
  const t = useTranslations('palette.kinds')
  const all = foundIn(useQuery(useNounQueries(noun.name).list.queryOptions({})).data)
  return all.items.map((row) => {
    const title = titleOf(noun, row)
    return (
      <PaletteLine
        key={row.id}
        value={`${t(noun.name)} ${title}`}
        icon={<Sign noun={noun} row={row} />}
        label={title}
        href={addressOf(noun, row.id)}
      />
    )
  })
}

/** Those of a noun that the last word typed names, each with what can be done to it. */
export function FoundThings({ noun, search }: { noun: Noun; search: string }) {
  const t = useTranslations('palette')
  const word = lastWord(search)
  const query = useQuery({
    ...useNounQueries(noun.name).list.queryOptions({ search: word, limit: asked }),
    placeholderData: keepPreviousData,
    enabled: search !== '',
  })
  const Commands = nounExtras[noun.name]?.Commands
  return nearest(foundIn(query.data).items, (row) => titleOf(noun, row), word)
    .slice(0, shown)
    .map((row) => {
      const title = titleOf(noun, row)
      return (
        <PaletteGroup key={row.id} heading={row.hostName === undefined ? title : `${row.hostName} / ${title}`}>
          <PaletteLine
            value={`${title} ${row.id}`}
            icon={<Sign noun={noun} row={row} />}
            label={t('open', { name: title })}
            href={addressOf(noun, row.id)}
          />
          {Commands ? <Commands row={row} /> : null}
        </PaletteGroup>
      )
    })
}

function Sign({ noun, row }: { noun: Noun; row: NounRow }) {
  const Own = nounExtras[noun.name]?.Sign
  return Own ? <Own row={row} /> : <noun.icon />
}
