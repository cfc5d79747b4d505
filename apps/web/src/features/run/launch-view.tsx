'use client'

import type { FleetOperation } from '@flotilla/protocol'
import { Button, Panel, StateWord, toast, type Tone } from '@flotilla/ui'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import { ErrorNote, useErrorText } from '../../data/error-note.tsx'
import { ClientError } from '../../data/error.ts'
import { client, useTrpc } from '../../data/trpc.ts'
import { LayerList } from '../../nouns/operations/layer-list.tsx'

/**
 * A container that is being made: its image comes layer by layer, then it is created and started, and its page opens. That is
 * up to the one that asked, who gets the answer. Where that one is not here any more (a reload), the operation tells how it
 * goes, and what it made is opened once it has started: one that cannot start is taken back.
 */
export function LaunchView(props: {
  operationId: string
  hostId: string
  name: string
  isAsker: boolean
  onBack: () => void
}) {
  const t = useTranslations('run.launch')
  const common = useTranslations('common')
  const errorText = useErrorText()
  const trpc = useTrpc()
  const router = useRouter()
  const [cancelling, setCancelling] = useState(false)
  const query = useQuery(trpc.operations.list.queryOptions({}))
  const operation = query.data?.find((each) => each.id === props.operationId)
  const done = operation?.state === 'succeeded'
  const made = useQuery(
    trpc.containers.list.queryOptions(
      { hostId: props.hostId, search: props.name },
      { enabled: done && !props.isAsker },
    ),
  ).data?.items.find((container) => container.name === props.name && container.state !== 'created')
  useEffect(() => {
    if (made) router.replace(`/containers/${encodeURIComponent(made.id)}?tab=logs`)
  }, [made, router])
  const cancel = async () => {
    setCancelling(true)
    try {
      await client.operations.cancel.mutate({ hostId: props.hostId, id: props.operationId })
    } catch (error) {
      toast('bad', t('cancelFailed'), errorText(error))
    }
    setCancelling(false)
  }
  const running = operation === undefined ? query.isPending : operation.state === 'running'
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="max-w-3xl space-y-4 p-4">
        <header className="flex flex-wrap items-center justify-between gap-3">
          <h2 className="min-w-0 truncate font-mono text-lg font-semibold">{props.name}</h2>
          {running || done ? (
            <Button disabled={cancelling || done} onClick={() => void cancel()}>
              {common('cancel')}
            </Button>
          ) : (
            <Button kind="primary" onClick={props.onBack}>
              {t('back')}
            </Button>
          )}
        </header>
        {operation?.error ? <ErrorNote title={t('failed')} error={new ClientError(operation.error)} /> : null}
        <Panel title={t('title')}>
          <div className="space-y-4" aria-live="polite">
            <Steps operation={operation} done={done} />
            {operation ? <LayerList operation={operation} /> : null}
          </div>
        </Panel>
      </div>
    </div>
  )
}

function Steps({ operation, done }: { operation: FleetOperation | undefined; done: boolean }) {
  const t = useTranslations('run.launch')
  const failed = operation !== undefined && operation.state !== 'running' && operation.state !== 'succeeded'
  const pulling = operation?.progress.some((step) => step.state === 'running' || step.state === 'waiting') ?? true
  const tone = (before: boolean, after: boolean): Tone => (after ? 'ok' : before ? (failed ? 'bad' : 'busy') : 'idle')
  const steps: [string, Tone][] = [
    [t('image'), tone(true, done || !pulling)],
    [t('create'), tone(!pulling, done)],
    [t('start'), tone(done, false)],
  ]
  return (
    <ol className="flex flex-wrap gap-x-6 gap-y-1 text-sm">
      {steps.map(([text, state]) => (
        <li key={text}>
          <StateWord tone={state}>{text}</StateWord>
        </li>
      ))}
    </ol>
  )
}
