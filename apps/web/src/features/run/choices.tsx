'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState, type ComponentProps } from 'react'
import { useTranslations } from 'use-intl'
import { useTrpc } from '../../data/trpc.ts'
import { ContainerStateWord } from '../../nouns/containers/container-state-word.tsx'
import { Combobox } from './combobox.tsx'
import { useRunForm } from './form-context.ts'

const inRow = 'min-w-0 flex-3 max-sm:basis-full'
const mostListed = 50
const mostShown = 8

type Props = Omit<ComponentProps<typeof Combobox>, 'suggestions' | 'listLabel'>

/** Whether a name is to be shown for what is typed; what was found for a text before may still be there. */
function fits(name: string, typed: string): boolean {
  return name.toLowerCase().includes(typed.trim().toLowerCase())
}

/** The volumes that fit a name where the container is to run; `isNew` where none is called so. */
export function useVolumeNames(name: string) {
  const { where } = useRunForm()
  const [wanted, setWanted] = useState(name !== '')
  const search = name.trim()
  const { data, isPlaceholderData } = useQuery({
    ...useTrpc().volumes.list.queryOptions({ ...where, search, limit: mostListed }),
    enabled: where !== null && wanted,
    placeholderData: keepPreviousData,
  })
  const named = (data?.items ?? []).filter(({ anonymous, name: each }) => !anonymous && fits(each, search))
  const isKnown = isPlaceholderData || data === undefined || data.nextCursor !== null
  return {
    volumes: named.slice(0, mostShown),
    isNew: search !== '' && !isKnown && !named.some((volume) => volume.name === search),
    onFocus: () => setWanted(true),
  }
}

/** A volume by name, of those that are there or a new one. */
export function VolumeChoice({ names, ...props }: Props & { names: ReturnType<typeof useVolumeNames> }) {
  const t = useTranslations('run.choices')
  return (
    <Combobox
      {...props}
      opensOnClick
      boxClassName={inRow}
      listLabel={t('volumes')}
      onFocus={names.onFocus}
      suggestions={names.volumes.map(({ id, name, containerCount }) => ({
        key: id,
        value: name,
        aside: <span className="shrink-0 text-xs text-muted">{t('usedBy', { count: containerCount })}</span>,
      }))}
    />
  )
}

/** A network where the container is to run; `others` are those that it is on already. */
export function NetworkChoice({ others, ...props }: Props & { others: readonly string[] }) {
  const t = useTranslations('run.choices')
  const { where } = useRunForm()
  const [wanted, setWanted] = useState(false)
  const { data } = useQuery({
    ...useTrpc().networks.list.queryOptions({ ...where, search: props.value.trim(), limit: mostListed }),
    enabled: where !== null && wanted,
    placeholderData: keepPreviousData,
  })
  const free = (data?.items ?? [])
    .filter(({ name }) => !others.includes(name) && fits(name, props.value))
    .slice(0, mostShown)
  return (
    <Combobox
      {...props}
      opensOnClick
      boxClassName={inRow}
      listLabel={t('networks')}
      onFocus={() => setWanted(true)}
      suggestions={free.map(({ id, name, subnets }) => ({
        key: id,
        value: name,
        aside: (
          <span className="min-w-0 shrink-[100] truncate font-mono text-xs text-muted">
            {subnets.map(({ subnet }) => subnet).join(', ')}
          </span>
        ),
      }))}
    />
  )
}

/** A container where this one is to run. */
export function ContainerChoice(props: Props) {
  const t = useTranslations('run.choices')
  const { where } = useRunForm()
  const [wanted, setWanted] = useState(false)
  const { data } = useQuery({
    ...useTrpc().containers.list.queryOptions({ ...where, search: props.value.trim(), limit: mostShown }),
    enabled: where !== null && wanted,
    placeholderData: keepPreviousData,
  })
  const fitting = (data?.items ?? []).filter(({ name }) => fits(name, props.value))
  return (
    <Combobox
      {...props}
      opensOnClick
      listLabel={t('containers')}
      onFocus={() => setWanted(true)}
      suggestions={fitting.map((container) => ({
        key: container.id,
        value: container.name,
        aside: <ContainerStateWord container={container} className="shrink-0 text-xs" />,
      }))}
    />
  )
}
