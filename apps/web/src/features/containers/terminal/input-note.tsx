import { Button, Progress } from '@flotilla/ui'
import { TriangleAlert, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { useBytes } from '../../../format/values.tsx'
import { type Amount, type InputNotice, type InputState, longBytes } from './typed-input.ts'

interface Props {
  input: InputState
  onCancel: () => void
  onDismiss: () => void
}

/** What is on its way into the shell for longer than a moment, what waits for the link, and what did not arrive. */
export function InputNote({ input: { retained, sending, notice }, onCancel, onDismiss }: Props) {
  if (retained === null && sending === null && notice === null) return null
  return (
    <div className="absolute top-2 right-4 left-4 z-10 flex flex-col items-end gap-2 sm:left-auto">
      {sending === null ? null : <Sending {...sending} onCancel={onCancel} />}
      {retained === null ? null : <Retained {...retained} onCancel={onCancel} />}
      {notice === null ? null : <Notice notice={notice} onDismiss={onDismiss} />}
    </div>
  )
}

function Card({ children }: { children: ReactNode }) {
  return (
    <div className="w-full rounded-md border border-line-strong bg-surface py-2 pr-2 pl-3 text-xs shadow-float sm:w-88">
      {children}
    </div>
  )
}

function Sending(props: NonNullable<InputState['sending']> & { onCancel: () => void }) {
  const t = useTranslations('container.terminal.input')
  const bytes = useBytes()
  const amount = useAmount()
  const { done, total, left } = props
  return (
    <Card>
      <div className="flex items-center gap-3">
        <p className="min-w-0 flex-1 tabular-nums">
          {total <= longBytes ? t('waiting', amount(left)) : t('sending', { done: bytes(done), total: bytes(total) })}
        </p>
        <Button kind="ghost" size="sm" onClick={props.onCancel}>
          {t('cancel')}
        </Button>
      </div>
      <Progress className="mt-1 mr-1" label={t('progress')} value={done / total} />
    </Card>
  )
}

function Retained(props: Amount & { onCancel: () => void }) {
  const t = useTranslations('container.terminal.input')
  const amount = useAmount()
  return (
    <Card>
      <div className="flex items-center gap-3">
        <p className="min-w-0 flex-1 tabular-nums" role="status">
          {t('kept', amount(props))}
        </p>
        <Button kind="ghost" size="sm" onClick={props.onCancel}>
          {t('discard')}
        </Button>
      </div>
    </Card>
  )
}

function Notice({ notice, onDismiss }: { notice: InputNotice; onDismiss: () => void }) {
  const t = useTranslations('container.terminal.input')
  const bytes = useBytes()
  const amount = useAmount()
  const sentence = () => {
    if (notice.kind === 'cancelled') {
      return t('cancelled', { sent: bytes(notice.sent), total: bytes(notice.bytes) })
    }
    if (notice.kind === 'tooLarge') return t('tooLarge', { size: bytes(notice.bytes), most: bytes(notice.most) })
    return t(notice.kind, amount(notice))
  }
  return (
    <Card>
      <div className="flex items-start gap-2">
        {notice.kind === 'cancelled' ? null : (
          <TriangleAlert className="mt-1.5 size-3.5 shrink-0 text-warn" aria-hidden />
        )}
        <p className="min-w-0 flex-1 py-1" role="status">
          {sentence()}
        </p>
        <Button kind="ghost" size="icon-sm" aria-label={t('dismiss')} onClick={onDismiss}>
          <X />
        </Button>
      </div>
    </Card>
  )
}

/** So many characters where they are few, else a size. */
function useAmount() {
  const bytes = useBytes()
  return (amount: Amount) => ({ count: amount.characters ?? 0, size: bytes(amount.bytes) })
}
