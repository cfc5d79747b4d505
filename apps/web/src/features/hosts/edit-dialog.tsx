'use client'

import type { FleetHost } from '@flotilla/protocol'
import { Button, Dialog, DialogActions, Note } from '@flotilla/ui'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { ErrorNote } from '../../data/error-note.tsx'
import { useTrpc } from '../../data/trpc.ts'
import { draftOf, newGroup, newLabel, setsOf, type AttributeDraft, type DraftProblem } from './attribute-draft.ts'
import { EditRows, RowInput } from './edit-rows.tsx'
import { useHostChanged } from './use-host-changed.ts'

/** Changes the groups and labels of a host; the groups of all hosts are offered. */
export function EditDialog(props: { host: FleetHost; hosts: readonly FleetHost[]; onClose: () => void }) {
  const t = useTranslations('host.edit')
  const common = useTranslations('common')
  const changed = useHostChanged()
  const { host, onClose } = props
  const [draft, setDraft] = useState(() => draftOf(host))
  const [problem, setProblem] = useState<DraftProblem | null>(null)
  const update = useMutation(
    useTrpc().hosts.update.mutationOptions({
      onSuccess: (answer) => {
        changed(answer, t('done', { name: answer.name }))
        onClose()
      },
    }),
  )
  const save = () => {
    const { problem: found, ...sets } = setsOf(draft)
    setProblem(found)
    if (found === null && !update.isPending) update.mutate({ id: host.id, ...sets })
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
      title={t('title', { name: host.name })}
      description={t('text')}
      closeLabel={common('close')}
    >
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        {problem === null ? null : (
          <Note tone="bad">{problem.kind === 'twice' ? t('twice', problem) : t('unnamed', problem)}</Note>
        )}
        {update.error && problem === null ? <ErrorNote error={update.error} title={t('failed')} /> : null}
        <Rows
          draft={draft}
          onDraft={setDraft}
          known={[...new Set(props.hosts.flatMap(({ groups }) => groups))].sort()}
        />
        <DialogActions>
          <Button onClick={onClose}>{common('cancel')}</Button>
          <Button kind="primary" type="submit" disabled={update.isPending}>
            {t('save')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}

function Rows(props: {
  draft: AttributeDraft
  onDraft: (draft: AttributeDraft) => void
  /** The groups that there are. */
  known: readonly string[]
}) {
  const t = useTranslations('host.edit')
  const names = useTranslations('host')
  const { draft, onDraft, known } = props
  return (
    <>
      <EditRows
        title={names('groups')}
        add={t('addGroup')}
        removeLabel={(number) => t('removeGroup', { number })}
        rows={draft.groups}
        newRow={newGroup}
        onRows={(groups) => onDraft({ ...draft, groups })}
      >
        {(row, number, change) => (
          <RowInput
            label={t('group', { number })}
            value={row.name}
            isNew={row.isNew}
            choices={known}
            onChange={(name) => change({ name })}
          />
        )}
      </EditRows>
      <EditRows
        title={names('labels')}
        add={t('addLabel')}
        removeLabel={(number) => t('removeLabel', { number })}
        rows={draft.labels}
        newRow={newLabel}
        onRows={(labels) => onDraft({ ...draft, labels })}
      >
        {(row, number, change) => (
          <>
            <RowInput
              label={t('labelName', { number })}
              placeholder={t('name')}
              value={row.name}
              isNew={row.isNew}
              onChange={(name) => change({ name })}
            />
            <span aria-hidden className="text-faint">
              =
            </span>
            <RowInput
              label={t('labelValue', { number })}
              placeholder={t('value')}
              value={row.value}
              isNew={false}
              onChange={(value) => change({ value })}
            />
          </>
        )}
      </EditRows>
    </>
  )
}
