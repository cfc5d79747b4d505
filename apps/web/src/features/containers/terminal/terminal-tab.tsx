'use client'

import type { FleetContainer } from '@flotilla/protocol'
import { Button, Empty, Skeleton } from '@flotilla/ui'
import { SquareTerminal } from 'lucide-react'
import { Suspense, useRef, useState } from 'react'
import { lazily } from '../../../data/lazily.ts'
import { DialogPart } from '../../../data/part.tsx'
import { useTranslations } from 'use-intl'
import { ErrorNote } from '../../../data/error-note.tsx'
import { useReasonText } from '../../../format/reason-text.ts'
import { GuardedButton, usePermissionReason } from '../../../data/guarded-button.tsx'
import { useCapability } from '../../../nouns/hosts/use-capability.ts'
import { useReachReason } from '../host-reach.ts'
import type { ContainerWithDetail } from '../page/container-with-detail.ts'
import { useContainerAction } from '../use-container-action.ts'
import { ShellBar } from './shell-bar.tsx'
import { ShellDialog } from './shell-dialog.tsx'
import { shellCommand } from './shells.ts'
import type { TerminalStatus } from './terminal-link.ts'
import { useShells } from './use-shells.ts'
import { useTerminalSettings } from './use-terminal-settings.ts'

const TerminalScreen = lazily(() => import('./terminal-screen.tsx').then((module) => module.TerminalScreen))

/** Shells in a container. They live on the host: a reload comes back to the one in the address, with what it printed. */
export function TerminalTab({ container }: { container: ContainerWithDetail }) {
  const t = useTranslations('container.terminal')
  const permission = usePermissionReason()('containers.exec')
  const capability = useCapability()(container, 'exec.create')
  const reach = useReachReason()(container)
  const actions = useContainerAction()
  const why = permission ?? capability ?? reach
  if (why !== null)
    return (
      <Empty icon={<SquareTerminal />} title={t('unavailable')}>
        {why}
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
              onClick={() => void actions.run('start', container)}
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
  const bar = useRef<HTMLDivElement>(null)
  const settings = useTerminalSettings()
  const command = () => shellCommand(settings.shell, settings.custom)
  const shells = useShells(container, command)
  const { list, active, opening, error } = shells
  const [reported, setReported] = useState<{ session: string; status: TerminalStatus } | null>(null)
  const [asking, setAsking] = useState(false)
  // What was told of another shell says nothing of this one.
  const status: TerminalStatus =
    reported !== null && reported.session === active?.id ? reported.status : { state: 'connecting' }
  const again = () => shells.open(command())
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <ShellBar {...{ bar, shells, status, settings }} onNew={again} onChoose={() => setAsking(true)} />
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
            fontSize={settings.fontSize}
            copyOnSelect={settings.copyOnSelect}
            screenReader={settings.screenReader}
            onStatus={(next) => {
              setReported({ session: active.id, status: next })
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
      {active ? <Ending status={status} /> : null}
      {asking ? (
        <DialogPart onClose={() => setAsking(false)}>
          <ShellDialog
            shell={settings.shell}
            custom={settings.custom}
            onClose={() => setAsking(false)}
            onOpen={(shell, custom) => {
              settings.setShell(shell, custom)
              setAsking(false)
              shells.open(shellCommand(shell, custom))
            }}
          />
        </DialogPart>
      ) : null}
    </div>
  )
}

/** How a shell ended, and what one can do then. */
function Ending({ status }: { status: TerminalStatus }) {
  const t = useTranslations('container.terminal')
  const reasonText = useReasonText()
  if (status.state !== 'exited') return null
  return (
    <p className="border-t border-line px-4 py-2 text-xs text-muted" role="status">
      {status.exitCode === null
        ? t('exitUnknown', { reason: reasonText(status.reason, status.reasonFacts) ?? '' })
        : t('exited', { code: status.exitCode })}{' '}
      {t('again')}
    </p>
  )
}

function TerminalSkeleton() {
  return (
    <div className="flex-1 space-y-2 bg-field p-4" aria-busy="true">
      <Skeleton className="h-3.5 w-40" />
    </div>
  )
}
