'use client'

import type { FleetContainer } from '@flotilla/protocol'
import { useRef, useState, type ReactNode } from 'react'
import { lazily } from '../../data/lazily.ts'
import { DialogPart } from '../../data/part.tsx'
import { newOperationId } from '../../data/operation-id.ts'
import { useStillAsks } from '../../data/still-asks.ts'
import { type Matching, useMatching } from '../../noun-pages/use-chosen.ts'
import { useBulkVerb } from './use-bulk-verb.ts'
import {
  asksFirst,
  type ConfirmedVerb,
  useContainerAction,
  verbStates,
  type ContainerVerb,
} from './use-container-action.ts'

// The page shows itself sooner without it.
const ConfirmDialog = lazily(() => import('./confirm-dialog.tsx').then((module) => module.ConfirmDialog))

interface Asked {
  verb: ConfirmedVerb
  containers: readonly FleetContainer[]
  /** Whatever matches when it is confirmed; `containers` are those that matched when it was asked. */
  isAll: boolean
  /** One a question: confirmed twice, it is begun once. */
  operationId: string
}

const nothing: Asked = { verb: 'remove', containers: [], isAll: false, operationId: '' }

/** Does a verb to one container, or to many as one operation of the platform; what takes much away asks first. */
export function useAct({
  matching,
  onRemoved,
}: {
  matching: Matching<FleetContainer> | undefined
  onRemoved: () => void
}) {
  const { run, busy } = useContainerAction()
  const bulk = useBulkVerb()
  const [asked, setAsked] = useState(nothing)
  const confirmed = useRef('')
  const stillAsks = useStillAsks(asked.containers)
  const ofAll = useMatching(matching)
  const close = () => setAsked((before) => ({ ...before, containers: [] }))

  const act = async (verb: ContainerVerb, rows: readonly FleetContainer[], isAll: boolean) => {
    const [first] = rows
    // A single one is asked of its host, which knows best whether it makes sense.
    const isOne = rows.length === 1 && !isAll
    const containers = isAll ? await ofAll() : isOne ? rows : rows.filter(({ state }) => verbStates[verb].has(state))
    if (containers === null || containers.length === 0) return
    const operationId = newOperationId()
    if (asksFirst(verb, containers.length)) setAsked({ verb, containers, isAll, operationId })
    else if (isOne && first) await run(verb, first)
    else await bulk(verb, containers, operationId)
  }
  const confirm = async ({ verb, containers, isAll, operationId }: Asked) => {
    const [first] = containers
    if (containers.length === 1 && first && !isAll) {
      const isSame = stillAsks()
      const isDone = await run(verb, first)
      if (!isSame()) return
      close()
      if (isDone && verb === 'remove') onRemoved()
      return
    }
    if (confirmed.current === operationId) return
    confirmed.current = operationId
    close()
    // What was stopped stays chosen, for its removal may come next; what comes to match after a removal does not.
    if (verb === 'remove' && isAll) onRemoved()
    const targets = isAll ? await ofAll() : containers
    if (targets !== null) await bulk(verb, targets, operationId)
  }
  const dialog: ReactNode = (
    <DialogPart onClose={close}>
      <ConfirmDialog
        verb={asked.verb}
        containers={asked.containers}
        busy={busy}
        onConfirm={() => void confirm(asked)}
        onClose={close}
      />
    </DialogPart>
  )
  return { act, busy, dialog }
}
