'use client'

import type { FleetVolume } from '@flotilla/protocol'
import { Button, Dialog, DialogActions, Note, Skeleton } from '@flotilla/ui'
import { Download, X } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useTranslations } from 'use-intl'
import { ErrorNote } from '../../../data/error-note.tsx'
import { GuardedButton, usePermissionReason } from '../../../data/guarded-button.tsx'
import { DialogPart } from '../../../data/part.tsx'
import { anotherView, useLeaveGuard } from '../../../navigation/leave-guard.ts'
import { contentAddress } from './content.ts'
import { shownPath } from './file-path.ts'
import { useText } from './use-text.ts'

/**
 * A text file of a volume, to be read and changed. What somebody else wrote meanwhile is never lost unseen. `onClose` goes to
 * another view, by which who has changed something is asked first.
 */
export function TextEditor(props: { volume: FleetVolume; path: string; onClose: () => void }) {
  const t = useTranslations('volumeFiles.editor')
  const mayWrite = usePermissionReason()('volumes.files.write') === null
  const text = useText(props.volume.id, props.path)
  const { isAsked, stay, leave } = useLeaveGuard(text.isChanged, anotherView)
  useKeys({ onSave: () => (mayWrite && text.isChanged ? void text.save() : undefined), onClose: props.onClose })
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2">
        <h3 className="min-w-0 flex-1 truncate font-mono text-xs font-medium max-sm:basis-full" title={props.path}>
          <bdi>{shownPath(props.path)}</bdi>
        </h3>
        <span className="text-xs text-muted max-sm:mr-auto" role="status">
          {text.isSaving ? t('saving') : text.isChanged ? t('changed') : text.isSaved ? t('saved') : ''}
        </span>
        <Button asChild size="icon">
          <a
            href={contentAddress(props.volume.id, props.path, 'bytes')}
            download
            aria-label={t('download')}
            title={t('download')}
          >
            <Download />
          </a>
        </Button>
        <GuardedButton
          kind="primary"
          permission="volumes.files.write"
          disabled={!text.isChanged || text.isSaving}
          onClick={() => void text.save()}
        >
          {t('save')}
        </GuardedButton>
        <Button kind="ghost" size="icon" aria-label={t('close')} onClick={props.onClose}>
          <X />
        </Button>
      </div>
      <Trouble text={text} />
      {text.value === null ? (
        text.loadError === null ? (
          <Skeleton className="m-4 h-64" />
        ) : null
      ) : (
        <textarea
          aria-label={t('label', { path: props.path })}
          value={text.value}
          readOnly={!mayWrite || text.isMixed}
          autoFocus
          spellCheck={false}
          autoCapitalize="off"
          wrap="off"
          onChange={(event) => text.change(event.target.value)}
          className="min-h-0 flex-1 resize-none bg-bg px-4 py-3 font-mono text-xs leading-5 text-fg focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-accent"
        />
      )}
      {isAsked ? (
        <DialogPart onClose={stay}>
          <LeaveDialog onStay={stay} onLeave={leave} />
        </DialogPart>
      ) : null}
    </div>
  )
}

function Trouble({ text }: { text: ReturnType<typeof useText> }) {
  const t = useTranslations('volumeFiles.editor')
  if (text.loadError !== null)
    return <ErrorNote className="m-4" error={text.loadError} title={t('loadFailed')} onRetry={text.reload} />
  if (text.isOutdated)
    return (
      <Note
        tone="warn"
        className="m-4"
        title={t('conflictTitle')}
        action={
          <>
            <Button size="sm" onClick={text.reload}>
              {t('takeTheirs')}
            </Button>
            <Button
              size="sm"
              kind="danger"
              className="ml-6 bg-surface max-sm:ml-auto"
              onClick={() => void text.overwrite()}
            >
              {t('keepMine')}
            </Button>
          </>
        }
      >
        {t('conflictText')}
      </Note>
    )
  if (text.isMixed)
    return (
      <Note tone="info" className="m-4" title={t('mixedTitle')}>
        {t('mixedText')}
      </Note>
    )
  if (text.saveError !== null) return <ErrorNote className="m-4" error={text.saveError} title={t('saveFailed')} />
  if (text.isAside)
    return (
      <Note
        tone="info"
        className="m-4"
        title={t('asideTitle')}
        action={
          <Button size="sm" onClick={text.bringBack}>
            {t('bringBack')}
          </Button>
        }
      >
        {t('asideText')}
      </Note>
    )
  return null
}

function LeaveDialog({ onStay, onLeave }: { onStay: () => void; onLeave: () => void }) {
  const t = useTranslations('volumeFiles.editor')
  const common = useTranslations('common')
  return (
    <Dialog
      open
      onOpenChange={onStay}
      title={t('leaveTitle')}
      description={t('leaveText')}
      closeLabel={common('close')}
    >
      <DialogActions>
        <Button onClick={onStay} autoFocus>
          {t('stay')}
        </Button>
        <Button kind="danger" onClick={onLeave}>
          {t('leave')}
        </Button>
      </DialogActions>
    </Dialog>
  )
}

/** Ctrl-S saves, Escape closes. */
function useKeys(keys: { onSave: () => void; onClose: () => void }): void {
  const latest = useRef(keys)
  useEffect(() => {
    latest.current = keys
  })
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || document.querySelector('[role="dialog"],[role="menu"]')) return
      if ((event.ctrlKey || event.metaKey) && event.key === 's') latest.current.onSave()
      else if (event.key === 'Escape') latest.current.onClose()
      else return
      event.preventDefault()
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [])
}
