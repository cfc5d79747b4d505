'use client'

import type { FleetOperation } from '@flotilla/protocol'
import { Button, cn, Progress, StateDot, type Tone } from '@flotilla/ui'
import { ChevronRight } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import texts from '../../../messages/en/bulk.json'
import { ErrorText } from '../../data/error-note.tsx'
import { Ago, useBytes } from '../../format/values.tsx'
import { shortReference } from '../../format/image-reference.ts'
import { withTexts } from '../../i18n/with-texts.tsx'
import { isBulk, type BulkOperation } from './bulk.ts'
import { BulkItems } from './bulk-items.tsx'
import { BulkBar, BulkCounts } from './bulk-progress.tsx'
import { CancelButton } from './cancel-button.tsx'
import { bytesOf, currentStep } from './progress.ts'
import { StepList } from './step-list.tsx'
import { useBulkWords } from './use-bulk-words.ts'
import { useOperationWords } from './use-operation-words.ts'
import { useRate } from './use-rate.ts'

const tones: Record<FleetOperation['state'], Tone> = {
  running: 'busy',
  succeeded: 'ok',
  failed: 'bad',
  interrupted: 'unknown',
  cancelled: 'idle',
}

/**
 * One change: what, where, by whom, how far; opened, its steps, or of a change of many each with what became of it; while it runs,
 * the way to end it. With `onShow` whoever holds it says whether it is open.
 */
export const OperationLine = withTexts(
  { bulk: texts },
  function OperationLine(props: { operation: FleetOperation; isShown?: boolean; onShow?: (isShown: boolean) => void }) {
    const { operation, isShown = false, onShow } = props
    const bulkWords = useTranslations('bulk')
    const t = useTranslations('operations')
    const [isToggled, setToggled] = useState(false)
    const open = onShow ? isShown : isToggled
    const id = `operation-${operation.id}`
    const bulk = isBulk(operation) ? operation : null
    const running = operation.state === 'running'
    return (
      <div className="px-4 py-2.5 text-sm">
        <div className="flex items-start gap-2.5">
          <StateDot tone={tones[operation.state]} className="mt-1.5" />
          <div className="min-w-0 flex-1">
            <What operation={operation} />
            <p className="truncate text-xs text-muted">
              {t(`states.${operation.state}`)} · {operation.hostName === null ? null : `${operation.hostName} · `}
              {t('by', { actor: operation.actor })} · <Ago at={operation.finishedAt ?? operation.startedAt} />
            </p>
          </div>
          {running ? <CancelButton operation={operation} kind="secondary" /> : null}
          {bulk !== null || operation.progress.length > 0 ? (
            <Button
              kind="ghost"
              size="icon-sm"
              aria-label={
                bulk === null ? t(open ? 'hideSteps' : 'showSteps') : bulkWords(open ? 'hideItems' : 'showItems')
              }
              aria-expanded={open}
              aria-controls={id}
              onClick={() => (onShow ?? setToggled)(!open)}
            >
              <ChevronRight className={cn('transition-transform duration-150', open && 'rotate-90')} />
            </Button>
          ) : null}
        </div>
        <div className="pl-5">
          {bulk === null ? running ? <Running operation={operation} /> : null : <HowFar operation={bulk} />}
          {operation.error && bulk === null ? (
            <p className="mt-1 text-xs break-words text-bad">
              <ErrorText error={operation.error} />
            </p>
          ) : null}
          <div id={id}>
            {!open ? null : bulk === null ? <StepList progress={operation.progress} /> : <BulkItems operation={bulk} />}
          </div>
        </div>
      </div>
    )
  },
)

function What({ operation }: { operation: FleetOperation }) {
  const words = useOperationWords()
  const bulkWords = useBulkWords()
  if (isBulk(operation)) {
    return (
      <p className="truncate" title={operation.target}>
        {bulkWords.what(operation)}
      </p>
    )
  }
  return (
    <p className="truncate" title={operation.target}>
      {words.method(operation.method)} <span className="font-mono text-xs">{shortReference(operation.target)}</span>
    </p>
  )
}

/** A change of many: n of N while it runs and after it. */
function HowFar({ operation }: { operation: BulkOperation }) {
  return (
    <div className="mt-1 text-xs text-muted">
      {operation.state === 'running' ? <BulkBar operation={operation} className="mt-2 mb-1" /> : null}
      <BulkCounts operation={operation} />
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
