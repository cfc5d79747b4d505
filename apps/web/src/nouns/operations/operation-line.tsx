'use client'

import type { FleetOperation } from '@flotilla/protocol'
import { Button, cn, Progress, StateDot, toast, type Tone } from '@flotilla/ui'
import { ChevronRight } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { ErrorText, useErrorText } from '../../data/error-note.tsx'
import { GuardedButton } from '../../data/guarded-button.tsx'
import { client } from '../../data/trpc.ts'
import { Ago, useBytes } from '../../format/values.tsx'
import { shortReference } from '../../format/image-reference.ts'
import { bytesOf, currentStep } from './progress.ts'
import { StepList } from './step-list.tsx'
import { useOperationWords } from './use-operation-words.ts'
import { useRate } from './use-rate.ts'

const tones: Record<FleetOperation['state'], Tone> = {
  running: 'busy',
  succeeded: 'ok',
  failed: 'bad',
  interrupted: 'unknown',
  cancelled: 'idle',
}

/** One change: what, where, by whom, how far; opened, its steps; while it runs, the way to end it. */
export function OperationLine({ operation }: { operation: FleetOperation }) {
  const t = useTranslations('operations')
  const words = useOperationWords()
  const [open, setOpen] = useState(false)
  const id = `operation-${operation.id}`
  const running = operation.state === 'running'
  return (
    <div className="px-4 py-2.5 text-sm">
      <div className="flex items-start gap-2.5">
        <StateDot tone={tones[operation.state]} className="mt-1.5" />
        <div className="min-w-0 flex-1">
          <p className="truncate" title={operation.target}>
            {words.method(operation.method)}{' '}
            <span className="font-mono text-xs">{shortReference(operation.target)}</span>
          </p>
          <p className="truncate text-xs text-muted">
            {t(`states.${operation.state}`)} · {operation.hostName === null ? null : `${operation.hostName} · `}
            {t('by', { actor: operation.actor })} · <Ago at={operation.finishedAt ?? operation.startedAt} />
          </p>
        </div>
        {running ? <Cancel operation={operation} /> : null}
        {operation.progress.length > 0 ? (
          <Button
            kind="ghost"
            size="icon-sm"
            aria-label={open ? t('hideSteps') : t('showSteps')}
            aria-expanded={open}
            aria-controls={id}
            onClick={() => setOpen(!open)}
          >
            <ChevronRight className={cn('transition-transform duration-150', open && 'rotate-90')} />
          </Button>
        ) : null}
      </div>
      <div className="pl-5">
        {running ? <Running operation={operation} /> : null}
        {operation.error ? (
          <p className="mt-1 text-xs break-words text-bad">
            <ErrorText error={operation.error} />
          </p>
        ) : null}
        <div id={id}>{open ? <StepList progress={operation.progress} /> : null}</div>
      </div>
    </div>
  )
}

function Running({ operation }: { operation: FleetOperation }) {
  const t = useTranslations('operations')
  const words = useOperationWords()
  const size = useBytes()
  const bytes = bytesOf(operation.progress)
  const rate = useRate(bytes?.current ?? null)
  const step = currentStep(operation)
  const left = bytes !== null && rate !== null && rate > 0 && !bytes.open ? (bytes.total - bytes.current) / rate : null
  return (
    <div className="mt-2">
      <Progress
        value={bytes !== null && bytes.total > 0 && !bytes.open ? bytes.current / bytes.total : null}
        label={`${words.method(operation.method)} ${operation.target}`}
      />
      <p className="mt-1 flex flex-wrap gap-x-2 text-xs text-muted tabular-nums">
        {step ? <span>{words.step(step.step)}</span> : null}
        {bytes ? <span>{t('bytes', { current: size(bytes.current), total: size(bytes.total) })}</span> : null}
        {rate !== null && rate > 0 ? <span className="text-faint">{t('rate', { bytes: size(rate) })}</span> : null}
        {left === null ? null : <span className="text-faint">{t('left', { seconds: Math.ceil(left) })}</span>}
      </p>
    </div>
  )
}

function Cancel({ operation }: { operation: FleetOperation }) {
  const t = useTranslations('operations')
  const common = useTranslations('common')
  const errorText = useErrorText()
  const [busy, setBusy] = useState(false)
  const cancel = async () => {
    setBusy(true)
    try {
      const { hostId, id } = operation
      if (hostId === null) await client.operations.platform.cancel.mutate({ id })
      else await client.operations.cancel.mutate({ hostId, id })
    } catch (error) {
      toast('bad', t('cancelFailed'), errorText(error))
    }
    setBusy(false)
  }
  return (
    <GuardedButton
      size="sm"
      kind="secondary"
      permission="containers.operate"
      disabled={busy}
      onClick={() => void cancel()}
    >
      {common('cancel')}
    </GuardedButton>
  )
}
