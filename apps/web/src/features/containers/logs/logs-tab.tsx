'use client'

import type { FleetContainer } from '@flotilla/protocol'
import { Button, dockRef } from '@flotilla/ui'
import { ArrowDown } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { ErrorNote } from '../../../data/error-note.tsx'
import { ClientError } from '../../../data/error.ts'
import { isTyping } from '../../../navigation/typing.ts'
import { useUrlState } from '../../../navigation/url-state.ts'
import { LogBar } from './log-bar.tsx'
import { LogEmpty, LogSkeleton, LogTop } from './log-empty.tsx'
import { LogFind } from './log-find.tsx'
import { LogStatus, SelectedLine } from './log-footer.tsx'
import { LogRows, type LogRowsHandle } from './log-rows.tsx'
import { LogView, lowerBound } from './log-view.ts'
import type { LogSession } from './log-session.ts'
import { useLinkedLine } from './use-linked-line.ts'
import { useLogDisplay } from './use-log-display.ts'
import { useLogDownload } from './use-log-download.ts'
import { useLogFilter } from './use-log-filter.ts'
import { useLogSession } from './use-log-session.ts'

/** A container's output: opens at its end and follows it. */
export function LogsTab({ container }: { container: FleetContainer }) {
  const running = container.state === 'running' || container.state === 'paused' || container.state === 'restarting'
  const { session, version } = useLogSession(container.id, container.startedAt)
  if (session === null) return <LogSkeleton />
  return <Log key={container.id} container={container} session={session} version={version} running={running} />
}

interface LogProps {
  container: FleetContainer
  session: LogSession
  version: number
  running: boolean
}

function Log({ container, session, version, running }: LogProps) {
  const url = useUrlState()
  const rows = useRef<LogRowsHandle>(null)
  const input = useRef<HTMLInputElement>(null)
  const display = useLogDisplay()
  const { filter, isFiltered, clear, field } = useLogFilter(url)
  const [selected, setSelected] = useState<number | null>(null)
  const { store } = session
  const view = useMemo(() => new LogView(store, filter), [store, filter])
  // The view is brought up to date once a drawing; what it says of dropped rows belongs to this drawing alone.
  const droppedRows = useMemo(() => (version >= 0 ? view.sync() : 0), [view, version])
  const { following, follow, news } = useFollowing(view, store, () => setSelected(null))
  const show = (number: number) => rows.current?.show(view.indexOf(number))
  const matches = useMatches(view, show)
  useLinkedLine(url.get('line'), session, version, (number) => {
    setSelected(number)
    show(number)
  })
  const select = (number: number) => {
    setSelected(number === selected ? null : number)
    if (number !== selected) follow(false)
  }
  const find = (
    <LogFind
      input={input}
      {...field}
      onText={(text) => {
        field.onText(text)
        matches.forget()
      }}
      current={matches.place}
      matches={view.matches.length}
      onStep={matches.step}
    />
  )
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <LogBar
        find={find}
        filter={filter}
        set={url.set}
        display={display}
        download={useLogDownload(container, display.timestamps)}
        following={following}
        onFollow={follow}
      />
      <LogFailure session={session} />
      <div className="relative flex min-h-0 flex-1 flex-col">
        {view.count === 0 ? (
          <LogEmpty container={container} isLoaded={session.isLoaded} isFiltered={isFiltered} running={running} />
        ) : (
          <Rows
            {...{ container, session, view, version, droppedRows, following, filter, display, selected }}
            handle={rows}
            current={matches.current}
            onFollow={follow}
            onSelect={select}
          />
        )}
        {!following && news > 0 ? <NewsPill count={news} onGo={() => follow(true)} /> : null}
      </div>
      <Footer
        {...{ session, running, following, isFiltered, selected }}
        shown={view.count}
        onClose={() => setSelected(null)}
        onContext={(number) => {
          clear()
          requestAnimationFrame(() => rows.current?.show(store.get(number) ? number - store.first : 0))
        }}
      />
    </div>
  )
}

/** Whether the end is followed, and how much came since it is not. `f` follows again, Escape lets go of the line that is chosen. */
function useFollowing(view: LogView, store: LogSession['store'], onLetGo: () => void) {
  const [following, setFollowing] = useState(true)
  const [pausedAt, setPausedAt] = useState(0)
  const letGo = useRef(onLetGo)
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return
      if (event.key === 'f') setFollowing(true)
      if (event.key === 'Escape') letGo.current()
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [])
  const follow = (next: boolean) => {
    if (!next && following) setPausedAt(store.end)
    setFollowing(next)
  }
  return { following, follow, news: following ? 0 : view.count - view.indexOf(pausedAt) }
}

/** Goes through what was found, around the end and the beginning. */
function useMatches(view: LogView, show: (number: number) => void) {
  const [current, setCurrent] = useState<number | null>(null)
  const step = (direction: 1 | -1) => {
    const { matches } = view
    if (matches.length === 0) return
    const at = current === null ? (direction === 1 ? -1 : matches.length) : lowerBound(matches, current)
    const next = matches[(at + direction + matches.length) % matches.length]
    if (next === undefined) return
    setCurrent(next)
    show(next)
  }
  const place = current === null ? 0 : lowerBound(view.matches, current) + 1
  return { current, place, step, forget: () => setCurrent(null) }
}

function LogFailure({ session }: { session: LogSession }) {
  const t = useTranslations('container.logs')
  const { failure } = session
  if (!failure || session.state !== 'ended') return null
  return (
    <ErrorNote className="m-3" title={t('failed')} error={new ClientError(failure)} onRetry={() => session.resume()} />
  )
}

function Rows({
  container,
  session,
  filter,
  display,
  ...rest
}: Pick<
  Parameters<typeof LogRows>[0],
  'handle' | 'view' | 'version' | 'droppedRows' | 'following' | 'onFollow' | 'current' | 'selected' | 'onSelect'
> & {
  container: FleetContainer
  session: LogSession
  filter: ReturnType<typeof useLogFilter>['filter']
  display: ReturnType<typeof useLogDisplay>
}) {
  const t = useTranslations('container.logs')
  return (
    <LogRows
      {...rest}
      label={t('label', { name: container.name })}
      find={filter.find}
      timestamps={display.timestamps}
      wrap={display.wrap}
      top={<LogTop session={session} />}
    />
  )
}

function NewsPill({ count, onGo }: { count: number; onGo: () => void }) {
  const t = useTranslations('container.logs')
  return (
    <Button
      kind="primary"
      className="absolute bottom-4 left-1/2 -translate-x-1/2 rounded-full shadow-float motion-safe:animate-pop"
      onClick={onGo}
    >
      <ArrowDown />
      {t('news', { count })}
    </Button>
  )
}

function Footer(props: {
  session: LogSession
  running: boolean
  following: boolean
  isFiltered: boolean
  shown: number
  selected: number | null
  onClose: () => void
  onContext: (number: number) => void
}) {
  const { session, selected, isFiltered } = props
  const chosen = selected === null ? undefined : session.store.get(selected)
  return (
    <footer ref={dockRef} className="flex min-h-8 items-center gap-3 border-t border-line px-4 text-xs text-muted">
      {chosen?.kind === 'line' ? (
        <SelectedLine
          time={chosen.time}
          text={chosen.text}
          isFiltered={isFiltered}
          onClose={props.onClose}
          onContext={() => props.onContext(chosen.number)}
        />
      ) : (
        <LogStatus
          session={session}
          running={props.running}
          following={props.following}
          shown={props.shown}
          filtered={isFiltered}
        />
      )}
    </footer>
  )
}
