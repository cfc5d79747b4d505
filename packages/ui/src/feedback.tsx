import type { ReactNode } from 'react'
import { cn } from './cn.ts'

/** A grey bar in the shape of what comes. The page fades it in after 150 ms, so that quick answers show none. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cn('animate-late rounded-sm bg-raised', className)} />
}

/** Nothing here: one sentence of what this is, one action. */
export function Empty(props: { icon?: ReactNode; title: ReactNode; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="flex flex-1 flex-col items-center justify-center gap-2 px-6 py-16 text-center">
      {props.icon ? <div className="text-faint [&_svg]:size-6">{props.icon}</div> : null}
      <p className="text-base font-medium">{props.title}</p>
      {props.children ? <div className="max-w-md text-sm text-muted">{props.children}</div> : null}
      {props.action ? <div className="mt-2 flex gap-2">{props.action}</div> : null}
    </div>
  )
}

/** How far something is; without a value it only says that it goes on. */
export function Progress(props: {
  value: number | null
  label: string
  className?: string
  tone?: 'accent' | 'ok' | 'bad' | 'warn'
}) {
  const tones = { accent: 'text-accent', ok: 'text-ok', bad: 'text-bad', warn: 'text-warn' }
  const share = props.value === null ? 1 : Math.min(1, Math.max(0, props.value))
  return (
    <div
      role="progressbar"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(props.value === null ? {} : { 'aria-valuenow': Math.round(share * 100) })}
      className={cn('h-1 overflow-hidden rounded-full bg-raised', props.className)}
    >
      <svg
        className={cn(
          'block size-full',
          tones[props.tone ?? 'accent'],
          props.value === null && 'motion-safe:animate-pulse',
        )}
        preserveAspectRatio="none"
        viewBox="0 0 100 1"
        aria-hidden
      >
        <rect width={share * 100} height="1" fill="currentColor" opacity={props.value === null ? 0.4 : 1} />
      </svg>
    </div>
  )
}

export function Kbd({ children }: { children: ReactNode }) {
  return (
    <kbd className="inline-flex h-5 min-w-5 items-center justify-center rounded-sm border border-line-strong bg-surface px-1 font-mono text-xs text-muted">
      {children}
    </kbd>
  )
}

/** A message that stays in the page: an error, a warning, a fact that matters. */
export function Note(props: {
  tone: 'bad' | 'warn' | 'info'
  title?: ReactNode
  children?: ReactNode
  action?: ReactNode
  className?: string
}) {
  const tones = {
    bad: 'border-bad/40 bg-bad/8',
    warn: 'border-warn/40 bg-warn/8',
    info: 'border-line-strong bg-surface',
  }
  return (
    <div
      role={props.tone === 'bad' ? 'alert' : 'status'}
      className={cn(
        'flex flex-wrap gap-3 rounded-md border px-3 py-2 text-sm',
        props.title ? 'items-start' : 'items-center',
        tones[props.tone],
        props.className,
      )}
    >
      <div className="min-w-0 flex-1 basis-60">
        {props.title ? <p className="font-medium">{props.title}</p> : null}
        {props.children ? <div className={cn('break-words', props.title && 'text-muted')}>{props.children}</div> : null}
      </div>
      {props.action ? <div className="flex shrink-0 gap-2 max-sm:w-full">{props.action}</div> : null}
    </div>
  )
}
