'use client'

import type { ExecSession, FleetContainer } from '@flotilla/protocol'
import { Button, cn, Empty, Menu, MenuItem, MenuSeparator, Skeleton, StateDot, toast, type Tone } from '@flotilla/ui'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Check, Plus, Settings2, SquareTerminal, X } from 'lucide-react'
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { ErrorNote, useErrorText } from '../../../data/error-note.tsx'
import { GuardedButton, usePermissionReason } from '../../../data/guarded-button.tsx'
import { newOperationId } from '../../../data/operation-id.ts'
import { client, useTrpc } from '../../../data/trpc.ts'
import { useUrlState } from '../../../navigation/url-state.ts'
import { useStored } from '../logs/use-stored.ts'
import { useCapability } from '../use-capability.ts'
import { useContainerActions } from '../use-container-actions.ts'
import { ShellDialog } from './shell-dialog.tsx'
import { shellCommand, shellName, type Shell } from './shells.ts'
import type { TerminalStatus } from './terminal-link.ts'

const TerminalScreen = lazy(() =>
  import('./terminal-screen.tsx').then((module) => ({ default: module.TerminalScreen })),
)
const fontSizes = [12, 13, 14, 16, 18] as const

/** Shells in a container. They live on the host: a reload comes back to the one in the address, with what it printed. */
export function TerminalTab({ container }: { container: FleetContainer }) {
  const t = useTranslations('container.terminal')
  const permission = usePermissionReason()('containers.exec')
  const capability = useCapability()(container, 'exec.create')
  const actions = useContainerActions()
  if (permission !== null || capability !== null)
    return (
      <Empty icon={<SquareTerminal />} title={t('unavailable')}>
        {permission ?? capability}
      </Empty>
    )
  if (container.state !== 'running')
    return (
      <Empty
        icon={<SquareTerminal />}
        title={t('notRunning', { name: container.name })}
        action={
          container.state === 'paused' ? null : (
            <GuardedButton
              kind="primary"
              permission="containers.operate"
              disabled={actions.busy}
              onClick={() => void actions.run('start', [container])}
            >
              {t('start')}
            </GuardedButton>
          )
        }
      >
        {container.state === 'paused' ? t('paused') : t('notRunningText')}
      </Empty>
    )
  return <Shells container={container} />
}

function Shells({ container }: { container: FleetContainer }) {
  const t = useTranslations('container.terminal')
  const trpc = useTrpc()
  const queryClient = useQueryClient()
  const url = useUrlState()
  const errorText = useErrorText()
  const bar = useRef<HTMLDivElement>(null)
  const [shell, setShell] = useStored('terminal.shell', 'auto')
  const [custom, setCustom] = useStored('terminal.command', '')
  const [fontSize, setFontSize] = useStored('terminal.fontSize', '13')
  const [copyOnSelect, setCopyOnSelect] = useStored('terminal.copyOnSelect', 'off')
  const [screenReader, setScreenReader] = useStored('terminal.screenReader', 'off')
  const [told, setTold] = useState<{ session: string; status: TerminalStatus } | null>(null)
  const [error, setError] = useState<unknown>(null)
  const [asking, setAsking] = useState(false)
  const [opening, setOpening] = useState(false)
  const options = trpc.containers.listExec.queryOptions({ id: container.id }, { staleTime: 0 })
  const list = useQuery(options)
  const sessions = (list.data ?? []).filter((session) => session.tty)
  const chosen = url.get('session')
  const active = sessions.find((session) => session.id === chosen)
  // What was told of another shell says nothing of this one.
  const status: TerminalStatus = told !== null && told.session === active?.id ? told.status : { state: 'connecting' }
  const { queryKey } = options

  const open = useCallback(
    async (command: string[]) => {
      setOpening(true)
      setError(null)
      try {
        const session = await client.containers.createExec.mutate({
          id: container.id,
          operationId: newOperationId(),
          command,
          tty: true,
          env: { TERM: 'xterm-256color', COLORTERM: 'truecolor', LANG: 'C.UTF-8' },
        })
        queryClient.setQueryData(queryKey, (before: ExecSession[] | undefined) => [...(before ?? []), session])
        url.set({ session: session.id })
      } catch (thrown) {
        setError(thrown)
      }
      setOpening(false)
    },
    [container.id, queryClient, queryKey, url],
  )
  const again = () => void open(shellCommand(shell as Shell, custom))
  const close = async (session: ExecSession) => {
    const left = sessions.filter((each) => each.id !== session.id)
    queryClient.setQueryData(queryKey, left)
    if (session.id === active?.id) url.set({ session: left.at(-1)?.id ?? null })
    try {
      await client.containers.removeExec.mutate({ id: container.id, session: session.id })
    } catch (thrown) {
      toast('bad', t('notEnded'), errorText(thrown))
      void list.refetch() // it may run on
    }
  }

  // The first look opens a shell, or the one that was left running.
  const began = useRef(false)
  useEffect(() => {
    if (!list.isSuccess || list.isFetching || began.current) return
    began.current = true
    if (active) return
    const running = sessions.findLast((session) => session.state === 'running')
    if (running) url.set({ session: running.id })
    else again()
  })

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div
        ref={bar}
        role="toolbar"
        aria-label={t('shells')}
        className="flex h-11 shrink-0 items-center gap-1 overflow-x-auto border-b border-line px-4"
      >
        {sessions.map((session, index) => (
          <span
            key={session.id}
            className={cn(
              'flex h-8 shrink-0 items-center rounded-md border',
              session.id === active?.id ? 'border-line-strong bg-raised' : 'border-transparent',
            )}
          >
            <Button
              kind="ghost"
              size="sm"
              aria-pressed={session.id === active?.id}
              className="font-mono hover:bg-transparent [&_svg]:size-2"
              onClick={() => url.set({ session: session.id })}
            >
              <StateDot tone={session.state === 'running' ? 'ok' : 'idle'} />
              {t('shell', { number: index + 1, name: shellName(session.command) })}
            </Button>
            <Button
              kind="ghost"
              size="icon-sm"
              className="mr-0.5 size-6"
              aria-label={t('close', { number: index + 1 })}
              title={t('closeHint')}
              onClick={() => void close(session)}
            >
              <X />
            </Button>
          </span>
        ))}
        <Button kind="ghost" size="sm" disabled={opening} onClick={again}>
          <Plus />
          {t('new')}
        </Button>
        <div className="ml-auto flex shrink-0 items-center gap-2">
          {active ? <StatusWord status={status} /> : null}
          <Menu
            align="end"
            trigger={
              <Button kind="ghost" size="icon" aria-label={t('settings')} title={t('settings')}>
                <Settings2 />
              </Button>
            }
          >
            <MenuItem onSelect={() => setAsking(true)}>
              <SquareTerminal />
              {t('choose')}
            </MenuItem>
            <MenuSeparator />
            {fontSizes.map((size) => (
              <Tick key={size} on={String(size) === fontSize} onSelect={() => setFontSize(String(size))}>
                {t('fontSize', { size })}
              </Tick>
            ))}
            <MenuSeparator />
            <Tick on={copyOnSelect === 'on'} onSelect={() => setCopyOnSelect(copyOnSelect === 'on' ? 'off' : 'on')}>
              {t('copyOnSelect')}
            </Tick>
            <Tick on={screenReader === 'on'} onSelect={() => setScreenReader(screenReader === 'on' ? 'off' : 'on')}>
              {t('screenReader')}
            </Tick>
          </Menu>
        </div>
      </div>
      {error !== null || list.isError ? (
        <ErrorNote
          className="m-3"
          title={t('failed')}
          error={error ?? list.error}
          onRetry={() => (error === null ? void list.refetch() : again())}
        />
      ) : null}
      {active ? (
        <Suspense fallback={<TerminalSkeleton />}>
          <TerminalScreen
            key={active.id}
            container={container.id}
            session={active.id}
            label={t('label', { name: container.name })}
            fontSize={Number(fontSize)}
            copyOnSelect={copyOnSelect === 'on'}
            screenReader={screenReader === 'on'}
            onStatus={(next) => {
              setTold({ session: active.id, status: next })
              if (next.state === 'exited') void list.refetch()
            }}
            onLeave={() => bar.current?.querySelector<HTMLElement>('button[aria-pressed="true"]')?.focus()}
            onAgain={again}
          />
        </Suspense>
      ) : opening || list.isPending ? (
        <TerminalSkeleton />
      ) : error === null && list.isSuccess ? (
        <Empty icon={<SquareTerminal />} title={t('none')} action={<Button onClick={again}>{t('new')}</Button>} />
      ) : null}
      {active && status.state === 'exited' ? (
        <p className="border-t border-line px-4 py-2 text-xs text-muted" role="status">
          {status.exitCode === null
            ? t('exitUnknown', { reason: status.reason ?? '' })
            : t('exited', { code: status.exitCode })}{' '}
          {t('again')}
        </p>
      ) : null}
      {asking ? (
        <ShellDialog
          shell={shell as Shell}
          custom={custom}
          onClose={() => setAsking(false)}
          onOpen={(nextShell, nextCustom) => {
            setShell(nextShell)
            setCustom(nextCustom)
            setAsking(false)
            void open(shellCommand(nextShell, nextCustom))
          }}
        />
      ) : null}
    </div>
  )
}

function Tick(props: { on: boolean; onSelect: () => void; children: React.ReactNode }) {
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
  const text = status.state === 'failed' && status.failure.message !== '' ? status.failure.message : t(status.state)
  return (
    <span className="flex items-center gap-1.5 text-xs text-muted" role="status">
      <StateDot tone={tones[status.state]} className="size-2" />
      <span className="max-w-80 truncate">{text}</span>
    </span>
  )
}

function TerminalSkeleton() {
  return (
    <div className="flex-1 space-y-2 bg-field p-4" aria-busy="true">
      <Skeleton className="h-3.5 w-40" />
    </div>
  )
}
