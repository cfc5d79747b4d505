import type { ReactNode } from 'react'
import { cn } from './cn.ts'

/** What a colour means. Each has a shape of its own, so that none rests on colour alone. */
export type Tone = 'ok' | 'busy' | 'warn' | 'bad' | 'idle' | 'paused' | 'unknown'

const colour: Record<Tone, string> = {
  ok: 'text-ok',
  busy: 'text-busy',
  warn: 'text-warn',
  bad: 'text-bad',
  idle: 'text-faint',
  paused: 'text-warn',
  unknown: 'text-unknown',
}

const shape: Record<Tone, ReactNode> = {
  ok: <circle cx="5" cy="5" r="4" fill="currentColor" />,
  busy: <path d="M5 1a4 4 0 1 0 4 4" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />,
  warn: <path d="M5 .8 9.6 9.2H.4Z" fill="currentColor" />,
  bad: <path d="M1.5 1.5l7 7m0-7l-7 7" stroke="currentColor" strokeWidth="2.2" strokeLinecap="round" fill="none" />,
  idle: <rect x="1.5" y="1.5" width="7" height="7" rx="1" fill="none" stroke="currentColor" strokeWidth="1.6" />,
  paused: (
    <path d="M2.8 1.2v7.6M7.2 1.2v7.6" stroke="currentColor" strokeWidth="2.2" strokeLinecap="round" fill="none" />
  ),
  unknown: (
    <path d="M5 .8 9.2 5 5 9.2.8 5Z" fill="none" stroke="currentColor" strokeWidth="1.6" strokeDasharray="2 1.4" />
  ),
}

/** The shape of a state alone; the word must stand beside it. */
export function StateDot({ tone, className }: { tone: Tone; className?: string }) {
  return (
    <svg
      viewBox="0 0 10 10"
      aria-hidden
      className={cn('size-2.5 shrink-0', colour[tone], tone === 'busy' && 'motion-safe:animate-spin', className)}
    >
      {shape[tone]}
    </svg>
  )
}

/** Shape, colour and word. */
export function StateWord({ tone, children, className }: { tone: Tone; children: ReactNode; className?: string }) {
  return (
    <span className={cn('inline-flex items-center gap-1.5 align-top whitespace-nowrap', className)}>
      <StateDot tone={tone} />
      <span>{children}</span>
    </span>
  )
}

/** A short fact in a hairline box. */
export function Badge({ tone, children, className }: { tone?: Tone; children: ReactNode; className?: string }) {
  return (
    <span
      className={cn(
        'inline-flex h-5 items-center gap-1 rounded-sm border border-line px-1.5 text-xs whitespace-nowrap text-muted',
        tone && colour[tone],
        tone && 'border-current/30',
        className,
      )}
    >
      {children}
    </span>
  )
}
