import { X } from 'lucide-react'
import { useSyncExternalStore } from 'react'
import { Button } from './button.tsx'
import { cn } from './cn.ts'
import { toastsRef } from './room-at-foot.ts'
import { StateDot, type Tone } from './state.tsx'

export interface Toast {
  id: number
  tone: Tone
  title: string
  detail?: string
  /** What can be done about it; done, the toast goes. */
  action?: ToastAction
}

export interface ToastAction {
  label: string
  run: () => void
}

const shownMs = 6000
const most = 4
let toasts: readonly Toast[] = []
let next = 1
const listeners = new Set<() => void>()

function set(value: readonly Toast[]): void {
  toasts = value
  for (const listener of listeners) listener()
}

function dismiss(id: number): void {
  set(toasts.filter((toast) => toast.id !== id))
}

/** Says what happened at the screen's edge for a few seconds; errors stay until they are closed. */
export function toast(tone: Tone, title: string, detail?: string, action?: ToastAction): void {
  const id = next++
  const more = { ...(detail === undefined ? {} : { detail }), ...(action === undefined ? {} : { action }) }
  set([...toasts, { id, tone, title, ...more }].slice(-most))
  if (tone !== 'bad') setTimeout(() => dismiss(id), shownMs)
}

const none: readonly Toast[] = []

/**
 * The place where toasts appear; once, in the page's frame. They cover no button that the page is there for: they are above what
 * stays at its foot, at the top while a dialog is open, and beside a sheet, or where there is no room for that, below its end.
 */
export function Toaster({ closeLabel, label }: { closeLabel: string; label: string }) {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => toasts,
    () => none,
  )
  return (
    <section
      aria-label={label}
      aria-live="polite"
      ref={toastsRef}
      className={cn(
        'pointer-events-none fixed right-4 bottom-[calc(var(--dock,0px)+1rem)] z-60 flex w-[calc(100vw-2rem)] max-w-sm flex-col gap-2',
        'in-[:has([data-sheet])]:max-lg:bottom-4 in-[:has([data-sheet])]:lg:right-[28.5rem]',
        'in-[:has([data-dialog])]:top-4 in-[:has([data-dialog])]:bottom-auto',
      )}
    >
      {shown.map((item) => (
        <div
          key={item.id}
          data-toast
          className="pointer-events-auto flex items-start gap-2.5 rounded-md border border-line-strong bg-overlay px-3 py-2.5 text-sm shadow-float motion-safe:animate-pop"
        >
          <StateDot tone={item.tone} className="mt-1.5" />
          <div className="min-w-0 flex-1 break-words">
            <p className="font-medium">{item.title}</p>
            {item.detail ? <p className="text-muted">{item.detail}</p> : null}
          </div>
          {item.action ? <Act action={item.action} onDone={() => dismiss(item.id)} /> : null}
          <Button
            kind="ghost"
            size="icon-sm"
            className="-my-0.5 -mr-1 max-sm:-my-2 max-sm:-mr-2 max-sm:size-10"
            aria-label={closeLabel}
            onClick={() => dismiss(item.id)}
          >
            <X />
          </Button>
        </div>
      ))}
    </section>
  )
}

function Act({ action, onDone }: { action: ToastAction; onDone: () => void }) {
  return (
    <Button
      size="sm"
      className="-my-0.5"
      onClick={() => {
        onDone()
        action.run()
      }}
    >
      {action.label}
    </Button>
  )
}
