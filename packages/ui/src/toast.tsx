import { X } from 'lucide-react'
import { useSyncExternalStore } from 'react'
import { Button } from './button.tsx'
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

/** The place where toasts appear; once, in the page's frame. */
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
      className="pointer-events-none fixed right-4 bottom-4 z-60 flex in-[:has([data-dock]:not(:empty))]:bottom-16 max-sm:in-[:has([data-dock]:not(:empty))]:bottom-36 w-[calc(100vw-2rem)] max-w-sm flex-col gap-2"
    >
      {shown.map((item) => (
        <div
          key={item.id}
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
            className="-my-0.5 -mr-1"
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
