'use client'

import { Button, Progress, StateDot } from '@flotilla/ui'
import { X } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { ErrorLine } from '../../../data/error-note.tsx'
import { useBytes } from '../../../format/values.tsx'
import { joinPath, shownPath } from './file-path.ts'
import { isUnderWay, type UploadState, type useUploads } from './use-uploads.ts'

const tones = { waiting: 'idle', running: 'busy', done: 'ok', there: 'warn', failed: 'bad' } as const

/** How each upload goes, with the folder it goes to; one that would replace a file asks first. */
export function UploadList({ uploads, replace, drop, cancel }: Omit<ReturnType<typeof useUploads>, 'add'>) {
  const t = useTranslations('volumeFiles.uploads')
  if (uploads.length === 0) return null
  const left = uploads.filter(isUnderWay).length
  return (
    <section aria-label={t('label')} className="max-h-48 overflow-y-auto border-t border-line-strong bg-overlay">
      {left < 2 ? null : (
        <div className="sticky top-0 z-10 flex items-center justify-between gap-3 border-b border-line bg-overlay px-4 py-2 text-sm">
          <span className="text-muted">{t('left', { count: left, all: uploads.length })}</span>
          <Button size="sm" onClick={cancel}>
            {t('cancelAll')}
          </Button>
        </div>
      )}
      <ul className="divide-y divide-line">
        {uploads.map((each) => (
          <li key={each.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2 text-sm">
            <StateDot tone={tones[each.state]} />
            <span className="min-w-0 flex-1 basis-40 truncate font-mono text-xs" title={pathOf(each)}>
              <bdi>{pathOf(each)}</bdi>
            </span>
            <UploadWord upload={each} />
            {each.state === 'there' ? (
              <Button size="sm" onClick={() => replace(each)}>
                {t('replace')}
              </Button>
            ) : null}
            <Button
              kind="ghost"
              size="icon-sm"
              aria-label={t(isUnderWay(each) ? 'cancel' : 'dismiss', {
                name: pathOf(each),
              })}
              onClick={() => drop(each.id)}
            >
              <X />
            </Button>
          </li>
        ))}
      </ul>
    </section>
  )
}

const pathOf = ({ folder, name, file }: UploadState) => shownPath(joinPath(folder, file === null ? `${name}/` : name))

function UploadWord({ upload }: { upload: UploadState }) {
  const { file, doneBytes, state, error } = upload
  const t = useTranslations('volumeFiles.uploads')
  const size = useBytes()
  if (state === 'failed')
    return (
      <span role="alert" className="text-bad">
        <ErrorLine error={error} />
      </span>
    )
  if (file === null) return <span className="text-muted">{t(state === 'done' ? 'made' : 'making')}</span>
  if (state !== 'running') return <span className="text-muted">{t(`states.${state}`)}</span>
  return (
    <span className="flex w-56 items-center gap-3">
      <Progress
        label={t('progress', { name: pathOf(upload) })}
        value={file.size === 0 ? null : doneBytes / file.size}
        className="flex-1"
      />
      <span className="text-xs text-muted tabular-nums">
        {t('bytes', { done: size(doneBytes), all: size(file.size) })}
      </span>
    </span>
  )
}
