'use client'

import { Button, Menu, MenuItem } from '@flotilla/ui'
import { ArrowDown, Check, Download, Pause, SlidersHorizontal } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import type { useUrlState } from '../../../navigation/url-state.ts'
import { FilterChip } from '../../../table/filter-chip.tsx'
import { levels } from './log-level.ts'
import { streams, type LogFilter } from './use-log-filter.ts'
import type { LogDisplay } from './use-log-display.ts'

/** What stands above the log: find, filters, how it is shown, its file, whether it follows. */
export function LogBar(props: {
  find: ReactNode
  filter: LogFilter
  set: ReturnType<typeof useUrlState>['set']
  display: LogDisplay
  download: { busy: boolean; start: () => void }
  following: boolean
  onFollow: (following: boolean) => void
}) {
  const t = useTranslations('container.logs')
  const { filter, set, download, following } = props
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2">
      {props.find}
      <FilterChip
        name={t('level')}
        several
        values={[...filter.levels]}
        choices={levels.map((level) => ({ value: level, label: t(`levels.${level}`) }))}
        onChange={(values) => set({ level: values.join(',') })}
      />
      <FilterChip
        name={t('stream')}
        values={filter.stream === 'all' ? [] : [filter.stream]}
        choices={streams.map((stream) => ({ value: stream, label: t(stream) }))}
        onChange={([value]) => set({ stream: value ?? null })}
      />
      <div className="ml-auto flex items-center gap-1">
        <DisplayMenu display={props.display} />
        <Button
          kind="ghost"
          size="icon"
          aria-label={t('download')}
          title={t('download')}
          disabled={download.busy}
          onClick={download.start}
        >
          <Download />
        </Button>
        <Button aria-pressed={following} onClick={() => props.onFollow(!following)} className="min-w-24">
          {following ? <Pause /> : <ArrowDown />}
          {following ? t('pause') : t('follow')}
        </Button>
      </div>
    </div>
  )
}

function DisplayMenu({ display }: { display: LogDisplay }) {
  const t = useTranslations('container.logs')
  return (
    <Menu
      align="end"
      trigger={
        <Button kind="ghost" size="icon" aria-label={t('display')} title={t('display')}>
          <SlidersHorizontal />
        </Button>
      }
    >
      <Choice on={display.timestamps} onChange={display.setTimestamps}>
        {t('timestamps')}
      </Choice>
      <Choice on={display.wrap} onChange={display.setWrap}>
        {t('wrap')}
      </Choice>
    </Menu>
  )
}

function Choice(props: { on: boolean; onChange: (on: boolean) => void; children: ReactNode }) {
  return (
    <MenuItem role="menuitemcheckbox" aria-checked={props.on} onSelect={() => props.onChange(!props.on)}>
      <Check className={props.on ? '' : 'invisible'} />
      {props.children}
    </MenuItem>
  )
}
