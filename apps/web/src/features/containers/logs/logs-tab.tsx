'use client'

import type { FleetContainer } from '@flotilla/protocol'
import { Button, CopyButton, Empty, Menu, MenuItem, Skeleton, toast } from '@flotilla/ui'
import { ArrowDown, Check, Download, Pause, SlidersHorizontal, X } from 'lucide-react'
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { ErrorNote, useErrorText } from '../../../data/error-note.tsx'
import { ClientError } from '../../../data/error.ts'
import { isTyping } from '../../../navigation/typing.ts'
import { useUrlState } from '../../../navigation/url-state.ts'
import { FilterChip } from '../../../table/filter-chip.tsx'
import { downloadLog } from './log-download.ts'
import { LogFind } from './log-find.tsx'
import { levels, type Level } from './log-level.ts'
import { LogRows, type LogRowsHandle } from './log-rows.tsx'
import { findPattern, LogView, lowerBound } from './log-view.ts'
import type { LogSession } from './log-session.ts'
import { useLogSession } from './use-log-session.ts'
import { useStored } from './use-stored.ts'

const streams = ['stdout', 'stderr'] as const

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
  const t = useTranslations('container.logs')
  const url = useUrlState()
  const errorText = useErrorText()
  const rows = useRef<LogRowsHandle>(null)
  const input = useRef<HTMLInputElement>(null)
  const [timestamps, setTimestamps] = useStored('logs.timestamps', window.innerWidth < 640 ? 'off' : 'on')
  const [wrap, setWrap] = useStored('logs.wrap', window.innerWidth < 640 ? 'on' : 'off')
  const [following, setFollowing] = useState(true)
  const [pausedAt, setPausedAt] = useState(0)
  const [text, setText] = useState('')
  const [isPattern, setPattern] = useState(false)
  const [onlyMatches, setOnlyMatches] = useState(false)
  const [current, setCurrent] = useState<number | null>(null)
  const [selected, setSelected] = useState<number | null>(null)
  const [downloading, setDownloading] = useState(false)

  const wanted = useDeferredValue(text)
  const find = useMemo(() => findPattern(wanted, isPattern), [wanted, isPattern])
  const levelText = url.get('level')
  const streamText = url.get('stream')
  const filter = useMemo(
    () => ({
      levels: new Set(levelText === '' ? [] : (levelText.split(',') as Level[])),
      stream: streams.find((stream) => stream === streamText) ?? ('all' as const),
      find,
      onlyMatches,
    }),
    [levelText, streamText, find, onlyMatches],
  )
  const { store } = session
  const view = useMemo(() => new LogView(store, filter), [store, filter])
  // The view is brought up to date once a drawing; what it says of dropped rows belongs to this drawing alone.
  const droppedRows = useMemo(() => (version >= 0 ? view.sync() : 0), [view, version])

  const follow = (next: boolean) => {
    if (!next && following) setPausedAt(store.end)
    setFollowing(next)
  }
  const news = following ? 0 : view.count - view.indexOf(pausedAt)
  const step = (direction: 1 | -1) => {
    const { matches } = view
    if (matches.length === 0) return
    const at = current === null ? (direction === 1 ? -1 : matches.length) : lowerBound(matches, current)
    const next = matches[(at + direction + matches.length) % matches.length]
    if (next === undefined) return
    setCurrent(next)
    rows.current?.show(view.indexOf(next))
  }
  const place = current === null ? 0 : lowerBound(view.matches, current) + 1
  const chosen = selected === null ? undefined : store.get(selected)
  const isFiltered = filter.levels.size > 0 || filter.stream !== 'all' || (onlyMatches && find !== null)

  const linked = url.get('line')
  const shownLink = useRef('')
  useEffect(() => {
    if (linked === '' || shownLink.current === linked) return
    const first = store.rows.find((each) => each.kind === 'line')
    if (first && first.time > linked && session.hasEarlier) return session.loadEarlier()
    const row = store.rows.find((each) => each.kind === 'line' && each.time === linked)
    if (!row) {
      const last = store.rows.findLast((each) => each.kind === 'line')
      if (session.loadingEarlier || !last || last.time < linked) return // it may still come
      shownLink.current = linked
      return toast('warn', t('linkGone'))
    }
    shownLink.current = linked
    setSelected(row.number)
    rows.current?.show(view.indexOf(row.number))
  }, [linked, session, store, view, version, t])

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return
      if (event.key === 'f') setFollowing(true)
      if (event.key === 'Escape') setSelected(null)
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [])

  const download = async () => {
    setDownloading(true)
    try {
      await downloadLog(container.id, container.name, timestamps === 'on')
    } catch (error) {
      toast('bad', t('downloadFailed'), error instanceof Error ? error.message : errorText(error))
    }
    setDownloading(false)
  }

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2">
        <LogFind
          input={input}
          text={text}
          onText={(value) => {
            setText(value)
            setCurrent(null)
          }}
          isPattern={isPattern}
          onPattern={setPattern}
          onlyMatches={onlyMatches}
          onOnlyMatches={setOnlyMatches}
          isInvalid={wanted !== '' && find === null}
          current={place}
          matches={view.matches.length}
          onStep={step}
        />
        <FilterChip
          name={t('level')}
          several
          values={[...filter.levels]}
          choices={levels.map((level) => ({ value: level, label: t(`levels.${level}`) }))}
          onChange={(values) => url.set({ level: values.join(',') })}
        />
        <FilterChip
          name={t('stream')}
          values={filter.stream === 'all' ? [] : [filter.stream]}
          choices={streams.map((stream) => ({ value: stream, label: t(stream) }))}
          onChange={([value]) => url.set({ stream: value ?? null })}
        />
        <div className="ml-auto flex items-center gap-1">
          <Menu
            align="end"
            trigger={
              <Button kind="ghost" size="icon" aria-label={t('display')} title={t('display')}>
                <SlidersHorizontal />
              </Button>
            }
          >
            <Choice on={timestamps === 'on'} onChange={(on) => setTimestamps(on ? 'on' : 'off')}>
              {t('timestamps')}
            </Choice>
            <Choice on={wrap === 'on'} onChange={(on) => setWrap(on ? 'on' : 'off')}>
              {t('wrap')}
            </Choice>
          </Menu>
          <Button
            kind="ghost"
            size="icon"
            aria-label={t('download')}
            title={t('download')}
            disabled={downloading}
            onClick={() => void download()}
          >
            <Download />
          </Button>
          <Button aria-pressed={following} onClick={() => follow(!following)} className="min-w-24">
            {following ? <Pause /> : <ArrowDown />}
            {following ? t('pause') : t('follow')}
          </Button>
        </div>
      </div>
      {session.failure && session.state === 'ended' ? (
        <ErrorNote
          className="m-3"
          title={t('failed')}
          error={new ClientError(session.failure.code, session.failure.message)}
          onRetry={() => session.resume()}
        />
      ) : null}
      <div className="relative flex min-h-0 flex-1 flex-col">
        {view.count === 0 ? (
          container.stale ? (
            <Empty title={container.staleReason ?? t('away', { host: container.hostName })}>{t('awayText')}</Empty>
          ) : session.isLoaded ? (
            <Empty title={isFiltered ? t('noMatch') : running ? t('emptyRunning') : t('empty')}>
              {isFiltered ? null : t('emptyText')}
            </Empty>
          ) : (
            <LogSkeleton />
          )
        ) : (
          <LogRows
            handle={rows}
            label={t('label', { name: container.name })}
            view={view}
            version={version}
            droppedRows={droppedRows}
            following={following}
            onFollow={follow}
            find={find}
            current={current}
            selected={selected}
            onSelect={(number) => {
              setSelected(number === selected ? null : number)
              if (number !== selected) follow(false)
            }}
            timestamps={timestamps === 'on'}
            wrap={wrap === 'on'}
            top={<LogTop session={session} />}
          />
        )}
        {!following && news > 0 ? (
          <Button
            kind="primary"
            className="absolute bottom-4 left-1/2 -translate-x-1/2 rounded-full shadow-float motion-safe:animate-pop"
            onClick={() => follow(true)}
          >
            <ArrowDown />
            {t('news', { count: news })}
          </Button>
        ) : null}
      </div>
      <footer className="flex min-h-8 items-center gap-3 border-t border-line px-4 text-xs text-muted">
        {chosen?.kind === 'line' ? (
          <SelectedLine
            time={chosen.time}
            text={chosen.text}
            isFiltered={isFiltered}
            onClose={() => setSelected(null)}
            onContext={() => {
              setOnlyMatches(false)
              url.set({ level: null, stream: null })
              requestAnimationFrame(() =>
                rows.current?.show(store.get(chosen.number) ? chosen.number - store.first : 0),
              )
            }}
          />
        ) : (
          <Status session={session} running={running} following={following} shown={view.count} filtered={isFiltered} />
        )}
      </footer>
    </div>
  )
}

function Choice(props: { on: boolean; onChange: (on: boolean) => void; children: React.ReactNode }) {
  return (
    <MenuItem role="menuitemcheckbox" aria-checked={props.on} onSelect={() => props.onChange(!props.on)}>
      <Check className={props.on ? '' : 'invisible'} />
      {props.children}
    </MenuItem>
  )
}

/** What stands before the first line: more of it, or that there is none. */
function LogTop({ session }: { session: LogSession }) {
  const t = useTranslations('container.logs')
  const { store } = session
  if (store.droppedLines > 0)
    return <p className="px-4 pt-2 font-sans text-xs text-warn">{t('dropped', { count: store.droppedLines })}</p>
  if (!session.hasEarlier) return null
  return (
    <p className="px-4 pt-2 font-sans">
      <Button size="sm" disabled={session.loadingEarlier} onClick={() => session.loadEarlier()}>
        {session.loadingEarlier ? t('loadingEarlier') : t('loadEarlier')}
      </Button>
    </p>
  )
}

function Status(props: {
  session: LogSession
  running: boolean
  following: boolean
  shown: number
  filtered: boolean
}) {
  const t = useTranslations('container.logs')
  const { session } = props
  const state =
    session.state === 'lost' || session.state === 'connecting'
      ? t(`states.${session.state}`)
      : session.state === 'ended'
        ? t(props.running ? 'states.stopped' : 'states.over')
        : t(props.following ? 'states.following' : 'states.paused')
  return (
    <>
      <span role="status">{state}</span>
      <span className="ml-auto tabular-nums">
        {props.filtered
          ? t('countOf', { count: props.shown, total: session.store.rows.length })
          : t('count', { count: props.shown })}
      </span>
    </>
  )
}

function SelectedLine(props: {
  time: string
  text: string
  isFiltered: boolean
  onClose: () => void
  onContext: () => void
}) {
  const t = useTranslations('container.logs')
  const common = useTranslations('common')
  const url = useUrlState()
  return (
    <>
      <span className="min-w-0 truncate font-mono">{props.time}</span>
      <span className="ml-auto flex items-center gap-1.5 py-0.5">
        {props.isFiltered ? (
          <Button size="sm" onClick={props.onContext}>
            {t('context')}
          </Button>
        ) : null}
        <CopyButton
          showLabel
          text={props.text}
          label={t('copyLine')}
          copiedLabel={common('copied')}
          failedLabel={common('copyFailed')}
        />
        <CopyButton
          showLabel
          text={`${window.location.origin}${url.href({ line: props.time })}`}
          label={t('copyLink')}
          copiedLabel={common('copied')}
          failedLabel={common('copyFailed')}
        />
        <Button kind="ghost" size="icon-sm" aria-label={common('close')} onClick={props.onClose}>
          <X />
        </Button>
      </span>
    </>
  )
}

function LogSkeleton() {
  return (
    <div className="flex-1 space-y-2 p-4" aria-busy="true">
      {['w-3/4', 'w-1/2', 'w-5/6', 'w-3/5', 'w-2/5', 'w-4/5'].map((width) => (
        <Skeleton key={width} className={`h-3 ${width}`} />
      ))}
    </div>
  )
}
