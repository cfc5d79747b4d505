'use client'

import type { FileEntry } from '@flotilla/protocol'
import { Button, Dialog, DialogActions, Field, Input } from '@flotilla/ui'
import { useState, type FormEvent } from 'react'
import { useTranslations } from 'use-intl'
import { ErrorNote } from '../../../data/error-note.tsx'
import { newOperationId } from '../../../data/operation-id.ts'
import { client } from '../../../data/trpc.ts'
import { joinPath, plainPath, shownPath } from './file-path.ts'

interface Shared {
  volume: string
  folder: string
  onDone: () => void
  onClose: () => void
}

/** Asks for the name of a folder to be made, or the new path of an entry, and does it. */
export function NameDialog(props: Shared & { entry: FileEntry | null }) {
  const t = useTranslations(`volumeFiles.${props.entry === null ? 'folderDialog' : 'renameDialog'}`)
  const hint = useTranslations('volumeFiles.renameDialog')('hint')
  const common = useTranslations('common')
  const { volume, folder, entry } = props
  const before = entry === null ? '' : joinPath(folder, entry.name)
  const [typed, setTyped] = useState(before)
  const path = entry === null ? joinPath(folder, typed) : plainPath(typed)
  const { ask, failure, busy } = useAsk(props)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const operationId = newOperationId()
    void ask(() =>
      entry === null
        ? client.volumeFiles.mkdir.mutate({ id: volume, path, operationId })
        : client.volumeFiles.rename.mutate({ id: volume, path: before, to: path, operationId }),
    )
  }
  return (
    <Dialog
      open
      onOpenChange={props.onClose}
      title={t('title', { name: shownPath(entry?.name ?? '') })}
      closeLabel={common('close')}
    >
      <form className="space-y-4" onSubmit={submit}>
        {failure === null ? null : <ErrorNote error={failure} title={t('failed')} />}
        <Field label={t('name')} hint={entry === null ? undefined : hint}>
          {(control) => (
            <Input
              {...control}
              autoFocus
              value={typed}
              spellCheck={false}
              autoCapitalize="off"
              autoComplete="off"
              maxLength={entry === null ? 255 : 4095}
              className="font-mono text-xs"
              onFocus={({ target }) => target.setSelectionRange(before.lastIndexOf('/') + 1, before.length)}
              onChange={(event) => setTyped(event.target.value)}
            />
          )}
        </Field>
        <DialogActions>
          <Button onClick={props.onClose}>{common('cancel')}</Button>
          <Button kind="primary" type="submit" disabled={busy || typed === '' || path === before}>
            {t('confirm')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}

/** Says what a deletion takes before it happens. */
export function DeleteDialog(props: Shared & { entry: FileEntry }) {
  const t = useTranslations('volumeFiles.deleteDialog')
  const common = useTranslations('common')
  const { volume, folder, entry } = props
  const { ask, failure, busy } = useAsk(props)
  const isFolder = entry.type === 'folder'
  const confirm = () =>
    ask(() =>
      client.volumeFiles.remove.mutate({
        id: volume,
        path: joinPath(folder, entry.name),
        recursive: isFolder,
        operationId: newOperationId(),
      }),
    )
  return (
    <Dialog
      open
      onOpenChange={props.onClose}
      title={t('title', { name: shownPath(entry.name) })}
      description={t(isFolder ? 'folder' : 'file')}
      closeLabel={common('close')}
    >
      {failure === null ? null : <ErrorNote className="mb-4" error={failure} title={t('failed')} />}
      <DialogActions>
        <Button onClick={props.onClose}>{common('cancel')}</Button>
        <Button kind="danger" disabled={busy} autoFocus onClick={() => void confirm()}>
          {t('confirm')}
        </Button>
      </DialogActions>
    </Dialog>
  )
}

function useAsk({ onDone, onClose }: Shared) {
  const [failure, setFailure] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const ask = async (change: () => Promise<unknown>) => {
    setBusy(true)
    setFailure(null)
    try {
      await change()
      onDone()
      onClose()
    } catch (error) {
      setFailure(error)
      setBusy(false)
    }
  }
  return { ask, failure, busy }
}
