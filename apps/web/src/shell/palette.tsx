'use client'

import { Kbd, StateDot, useFocusReturn } from '@flotilla/ui'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Command } from '@flotilla/ui/command'
import { Activity, Play, Plus, Square, RotateCcw, Sun, Moon, Terminal, ScrollText, Download } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useDeferredValue, useEffect, useRef, useState, type ReactNode } from 'react'
import { flushSync } from 'react-dom'
import { useTranslations } from 'use-intl'
import { useSession } from '../data/session.tsx'
import { useTrpc } from '../data/trpc.ts'
import { useContainerActions } from '../features/containers/use-container-actions.ts'
import { setActivity } from '../features/operations/activity-store.ts'
import { toneOf } from '../features/containers/container-state.ts'
import { places } from './navigation.ts'
import { setPalette } from './palette-store.ts'
import { setTheme, useTheme } from './theme.ts'

const item =
  'flex h-9 cursor-default items-center gap-2.5 rounded-md px-2.5 text-sm data-[selected=true]:bg-raised [&_svg]:shrink-0 [&_svg.lucide]:size-4 [&_svg.lucide]:text-muted'
const group =
  '[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-faint'

const shownContainers = 8

/** Go anywhere, do anything one may. */
export function Palette() {
  const t = useTranslations('palette')
  const placeNames = useTranslations('places')
  const router = useRouter()
  const trpc = useTrpc()
  const { can } = useSession()
  const { shown } = useTheme()
  const act = useContainerActions()
  const [text, setText] = useState('')
  const search = useDeferredValue(text.trim())
  const containers = useQuery(
    trpc.containers.list.queryOptions(
      { search: lastWord(search), limit: 50 },
      { placeholderData: keepPreviousData, enabled: search !== '' },
    ),
  )
  const hosts = useQuery(trpc.hosts.list.queryOptions({})).data ?? []
  const found = nearest(containers.data?.items ?? [], lastWord(search)).slice(0, shownContainers)
  const giveBack = useRef(useFocusReturn())
  useEffect(() => {
    const back = giveBack.current
    return () => back()
  }, [])

  const done = (action: () => void) => () => {
    flushSync(() => setPalette(false)) // so that what opens next gives the focus back to where it was before
    action()
  }
  const go = (href: string) => done(() => router.push(href))
  const line = (value: string, icon: ReactNode, label: ReactNode, onSelect: () => void, keys: string[] = []) => (
    <Command.Item key={value} value={value} onSelect={onSelect} className={item}>
      <span className="flex size-4 shrink-0 items-center justify-center">{icon}</span>
      <span className="min-w-0 truncate">{label}</span>
      <span className="ml-auto flex gap-1">
        {keys.map((key) => (
          <Kbd key={key}>{key}</Kbd>
        ))}
      </span>
    </Command.Item>
  )

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
        <Command.Group heading={t('go')} className={group}>
          {places.map((place) =>
            line(placeNames(place.name), <place.icon />, placeNames(place.name), go(place.href), ['g', place.key]),
          )}
          {hosts.map((host) =>
            line(
              `${t('host')} ${host.name}`,
              <StateDot tone={host.state === 'connected' ? 'ok' : 'unknown'} />,
              host.name,
              go(`/hosts/${encodeURIComponent(host.id)}`),
            ),
          )}
        </Command.Group>
        <Command.Group heading={t('do')} className={group}>
          {can('containers.create') ? line(t('run'), <Play />, t('run'), go('/containers/new'), ['n']) : null}
          {can('hosts.manage') ? line(t('addHost'), <Plus />, t('addHost'), go('/hosts?join=1')) : null}
          {line(
            t('activity'),
            <Activity />,
            t('activity'),
            done(() => setActivity(true)),
          )}
          {can('images.pull') ? line(t('pull'), <Download />, t('pull'), go('/images?pull=1')) : null}
          {line(
            t('theme'),
            shown === 'dark' ? <Sun /> : <Moon />,
            shown === 'dark' ? t('light') : t('dark'),
            done(() => setTheme(shown === 'dark' ? 'light' : 'dark')),
          )}
        </Command.Group>
        {found.map((container) => (
          <Command.Group key={container.id} heading={`${container.hostName} / ${container.name}`} className={group}>
            {line(
              `${container.name} ${container.id}`,
              <StateDot tone={toneOf(container)} />,
              t('open', { name: container.name }),
              go(`/containers/${container.id}`),
            )}
            {can('containers.logs')
              ? line(
                  `${container.name} ${container.id} logs`,
                  <ScrollText />,
                  t('logs', { name: container.name }),
                  go(`/containers/${container.id}?tab=logs`),
                )
              : null}
            {can('containers.exec') && container.state === 'running'
              ? line(
                  `${container.name} ${container.id} terminal`,
                  <Terminal />,
                  t('terminal', { name: container.name }),
                  go(`/containers/${container.id}?tab=terminal`),
                )
              : null}
            {can('containers.operate') && container.state !== 'running'
              ? line(
                  `${container.name} ${container.id} start`,
                  <Play />,
                  t('start', { name: container.name }),
                  done(() => void act.run('start', [container])),
                )
              : null}
            {can('containers.operate') && container.state === 'running'
              ? line(
                  `${container.name} ${container.id} stop`,
                  <Square />,
                  t('stop', { name: container.name }),
                  done(() => void act.run('stop', [container])),
                )
              : null}
            {can('containers.operate') && container.state === 'running'
              ? line(
                  `${container.name} ${container.id} restart`,
                  <RotateCcw />,
                  t('restart', { name: container.name }),
                  done(() => void act.run('restart', [container])),
                )
              : null}
          </Command.Group>
        ))}
      </Command.List>
    </Command.Dialog>
  )
}

/** The container of that name first, then those that begin so. */
function nearest<T extends { name: string }>(containers: readonly T[], word: string): T[] {
  const text = word.toLowerCase()
  const far = ({ name }: T) => (name.toLowerCase() === text ? 0 : name.toLowerCase().startsWith(text) ? 1 : 2)
  return containers.toSorted((a, b) => far(a) - far(b))
}

/** Every word has to stand in the line, in whatever order; a line that begins with the first comes first. */
function fits(line: string, text: string): number {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const [first = ''] = words
  const value = line.toLowerCase()
  if (!words.every((word) => value.includes(word))) return 0
  return value.startsWith(first) ? 1 : 0.5
}

/** "stop web-2" looks for web-2. */
function lastWord(text: string): string {
  return text.split(/\s+/).at(-1) ?? ''
}
