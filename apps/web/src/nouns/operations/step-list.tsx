'use client'

import type { Progress } from '@flotilla/protocol'
import { StateDot, type Tone } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { Bytes } from '../../format/values.tsx'
import { useOperationWords } from './use-operation-words.ts'

const tones: Record<Progress['state'], Tone> = {
  waiting: 'idle',
  running: 'busy',
  done: 'ok',
  failed: 'bad',
  skipped: 'idle',
}

/** Every step of a change with what it is about: a pull's layers one by one. */
export function StepList({ progress }: { progress: readonly Progress[] }) {
  const t = useTranslations('operations')
  const words = useOperationWords()
  return (
    <ol className="mt-2 max-h-64 space-y-1 overflow-y-auto border-l border-line pl-3 text-xs">
      {progress.map((step) => (
        <li key={`${step.step}/${step.item ?? ''}`} className="flex items-center gap-2">
          <StateDot tone={tones[step.state]} className="size-2" />
          <span>{words.step(step.step)}</span>
          {step.item === undefined ? null : (
            <span className="min-w-0 truncate font-mono text-faint" title={step.item}>
              {step.item.replace(/^sha256:/, '').slice(0, 12)}
            </span>
          )}
          <span className="ml-auto shrink-0 text-muted">
            {step.totalBytes !== undefined && step.state === 'running' ? (
              <>
                <Bytes bytes={step.currentBytes ?? 0} /> / <Bytes bytes={step.totalBytes} />
              </>
            ) : step.totalBytes !== undefined && step.state === 'done' ? (
              <Bytes bytes={step.totalBytes} />
            ) : (
              t(`stepStates.${step.state}`)
            )}
          </span>
        </li>
      ))}
    </ol>
  )
}
