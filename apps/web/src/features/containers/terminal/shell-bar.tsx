'use client'

import type { ExecSession } from '@flotilla/protocol'
import { Button, cn, Menu, MenuItem, MenuSeparator, StateDot, type Tone } from '@flotilla/ui'
import { Check, Plus, Settings2, SquareTerminal, X } from 'lucide-react'
import type { ReactNode, RefObject } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '../../../data/error-note.tsx'
import { ClientError } from '../../../data/error.ts'
import { shellName } from './shells.ts'
import type { TerminalStatus } from './terminal-link.ts'
import type { Shells } from './use-shells.ts'
import type { TerminalSettings } from './use-terminal-settings.ts'

const fontSizes = [12, 13, 14, 16, 18] as const

/** The shells that are open, a new one, the connection in words, the settings. */
export function ShellBar(props: {
  bar: RefObject<HTMLDivElement | null>
  shells: Shells
  status: TerminalStatus
  settings: TerminalSettings
  onNew: () => void
  /** Somebody wants to say which shell. */
  onChoose: () => void
}) {
  const t = useTranslations('container.terminal')
  const { sessions, active, opening } = props.shells
  return (
    <div
      ref={props.bar}
      role="toolbar"
      aria-label={t('shells')}
      className="flex h-11 shrink-0 items-center gap-1 border-b border-line px-4"
    >
      <div className="flex h-full min-w-0 items-center gap-1 overflow-x-auto">
        {sessions.map((session, index) => (
          <ShellTab
            key={session.id}
            session={session}
            number={index + 1}
            isActive={session.id === active?.id}
            shells={props.shells}
          />
        ))}
        <Button kind="ghost" size="sm" className="shrink-0" disabled={opening} onClick={props.onNew}>
          <Plus />
          <span className="max-sm:sr-only">{t('new')}</span>
        </Button>
      </div>
      <div className="ml-auto flex max-w-3/5 shrink-0 items-center gap-2">
        {active ? <StatusWord status={props.status} /> : null}
        <SettingsMenu settings={props.settings} onChoose={props.onChoose} />
      </div>
    </div>
  )
}

function ShellTab(props: { session: ExecSession; number: number; isActive: boolean; shells: Shells }) {
  const t = useTranslations('container.terminal')
  const { session, number, isActive, shells } = props
  return (
    <span
      className={cn(
        'flex h-8 shrink-0 items-center rounded-md border',
        isActive ? 'border-line-strong bg-raised' : 'border-transparent',
      )}
    >
      <Button
        kind="ghost"
        size="sm"
        aria-pressed={isActive}
        className="font-mono hover:bg-transparent [&_svg]:size-2"
        onClick={() => shells.show(session)}
      >
        <StateDot tone={session.state === 'running' ? 'ok' : 'idle'} />
        {t('shell', { number, name: shellName(session.command) })}
      </Button>
      <Button
        kind="ghost"
        size="icon-sm"
        className="mr-0.5 size-6"
        aria-label={t('close', { number })}
        title={t('closeHint')}
        onClick={() => void shells.close(session)}
      >
        <X />
      </Button>
    </span>
  )
}

function SettingsMenu({ settings, onChoose }: { settings: TerminalSettings; onChoose: () => void }) {
  const t = useTranslations('container.terminal')
  const { copyOnSelect, screenReader } = settings
  return (
    <Menu
      align="end"
      trigger={
        <Button kind="ghost" size="icon" aria-label={t('settings')} title={t('settings')}>
          <Settings2 />
        </Button>
      }
    >
      <MenuItem onSelect={onChoose}>
        <SquareTerminal />
        {t('choose')}
      </MenuItem>
      <MenuSeparator />
      {fontSizes.map((size) => (
        <Tick key={size} on={size === settings.fontSize} onSelect={() => settings.setFontSize(size)}>
          {t('fontSize', { size })}
        </Tick>
      ))}
      <MenuSeparator />
      <Tick on={copyOnSelect} onSelect={() => settings.setCopyOnSelect(!copyOnSelect)}>
        {t('copyOnSelect')}
      </Tick>
      <Tick on={screenReader} onSelect={() => settings.setScreenReader(!screenReader)}>
        {t('screenReader')}
      </Tick>
    </Menu>
  )
}

function Tick(props: { on: boolean; onSelect: () => void; children: ReactNode }) {
  return (
    <MenuItem role="menuitemcheckbox" aria-checked={props.on} onSelect={props.onSelect}>
      <Check className={props.on ? '' : 'invisible'} />
      {props.children}
    </MenuItem>
  )
}

const tones: Record<TerminalStatus['state'], Tone> = {
  connecting: 'busy',
  replaying: 'busy',
  lost: 'unknown',
  live: 'ok',
  exited: 'idle',
  failed: 'bad',
}

/** The connection in words. */
function StatusWord({ status }: { status: TerminalStatus }) {
  const t = useTranslations('container.terminal.states')
  const errorText = useErrorText()
  const failed = status.state === 'failed' && status.failure.message !== ''
  const text = failed ? errorText(new ClientError(status.failure)) : t(status.state)
  return (
    <span className="flex items-center gap-1.5 text-xs text-muted" role="status">
      <StateDot tone={tones[status.state]} className="size-2" />
      <span className="line-clamp-2 max-w-80 leading-tight">{text}</span>
    </span>
  )
}
