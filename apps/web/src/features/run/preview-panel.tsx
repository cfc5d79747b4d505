'use client'

import type { ContainerSpecInput } from '@flotilla/protocol'
import { Button, CopyButton, Dialog, Panel, Textarea } from '@flotilla/ui'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { DialogPart } from '../../data/part.tsx'
import { dockerRunLine } from './docker-run.ts'

/** The same container as a `docker run` line, to copy; and the way back from such a line into the form. */
export function PreviewPanel(props: { spec: ContainerSpecInput; onPasteRun: (line: string) => boolean }) {
  const t = useTranslations('run')
  const common = useTranslations('common')
  const [pasting, setPasting] = useState(false)
  const spec = props.spec.image === '' ? { ...props.spec, image: t('imageWord') } : props.spec
  return (
    <Panel
      title={t('preview')}
      flush
      actions={
        <span className="flex gap-1">
          <Button size="sm" kind="ghost" onClick={() => setPasting(true)}>
            {t('paste')}
          </Button>
          <CopyButton
            text={dockerRunLine(spec)}
            label={t('copyLine')}
            copiedLabel={common('copied')}
            failedLabel={common('copyFailed')}
            className="size-7"
          />
        </span>
      }
    >
      <pre
        tabIndex={0}
        aria-label={t('preview')}
        className="max-h-96 overflow-auto p-3 font-mono text-xs leading-5 whitespace-pre text-fg focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-accent"
      >
        {dockerRunLine(spec, true)}
      </pre>
      <DialogPart onClose={() => setPasting(false)}>
        <PasteDialog open={pasting} onOpenChange={setPasting} onPasteRun={props.onPasteRun} />
      </DialogPart>
    </Panel>
  )
}

/** Takes such a line, and says where it is none. */
function PasteDialog(props: {
  open: boolean
  onOpenChange: (open: boolean) => void
  onPasteRun: (line: string) => boolean
}) {
  const t = useTranslations('run')
  const common = useTranslations('common')
  const [text, setText] = useState('')
  const [wrong, setWrong] = useState(false)
  const read = () => {
    const used = props.onPasteRun(text)
    setWrong(!used)
    if (!used) return
    props.onOpenChange(false)
    setText('')
  }
  return (
    <Dialog
      open={props.open}
      onOpenChange={props.onOpenChange}
      title={t('pasteTitle')}
      description={t('pasteText')}
      closeLabel={common('close')}
      wide
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          read()
        }}
      >
        <Textarea
          aria-label={t('pasteTitle')}
          aria-invalid={wrong || undefined}
          rows={7}
          value={text}
          spellCheck={false}
          placeholder="docker run -d -p 8080:80 nginx"
          className="font-mono text-xs"
          onChange={(event) => {
            setText(event.target.value)
            setWrong(false)
          }}
        />
        {wrong ? (
          <p role="alert" className="mt-1 text-xs text-bad">
            {t('pasteWrong')}
          </p>
        ) : null}
        <div className="mt-3 flex justify-end gap-2">
          <Button onClick={() => props.onOpenChange(false)}>{common('cancel')}</Button>
          <Button kind="primary" type="submit" disabled={text.trim() === ''}>
            {t('pasteRead')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
