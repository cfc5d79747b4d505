import { useEffect, useId, useRef, useState, type ReactNode, type ToggleEvent } from 'react'
import { cn } from './cn.ts'

const gap = 6

/**
 * A small button with a panel beside it, which a pointer, a tap or a key opens. The browser itself closes it by Escape, by what is
 * done outside of it, and by a second press; so does what moves the page away under it. `label` names both.
 */
export function Popover(props: {
  label: string
  /** What the button shows; its name is `label`. */
  shown: ReactNode
  children: ReactNode
  tabIndex?: number
  className?: string
}) {
  const id = useId()
  const button = useRef<HTMLButtonElement>(null)
  const panel = useRef<HTMLDivElement>(null)
  const [isOpen, setOpen] = useState(false)
  useEffect(() => {
    if (!isOpen) return undefined
    const close = () => panel.current?.hidePopover()
    const onScroll = ({ target }: Event) => (target === panel.current ? undefined : close())
    window.addEventListener('scroll', onScroll, true)
    window.addEventListener('resize', close)
    return () => {
      window.removeEventListener('scroll', onScroll, true)
      window.removeEventListener('resize', close)
    }
  }, [isOpen])
  const place = (event: ToggleEvent<HTMLDivElement>) => {
    if (event.newState === 'open' && button.current) placeBeside(event.currentTarget, button.current)
  }
  return (
    <>
      <button
        ref={button}
        type="button"
        popoverTarget={id}
        aria-expanded={isOpen}
        tabIndex={props.tabIndex}
        className={cn(
          'relative rounded-sm after:absolute after:-inset-x-1 after:-inset-y-0.5 focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-accent max-sm:after:-inset-3',
          props.className,
        )}
      >
        <span aria-hidden>{props.shown}</span>
        <span className="sr-only">{props.label}</span>
      </button>
      <div
        ref={panel}
        id={id}
        popover="auto"
        role="group"
        aria-label={props.label}
        onBeforeToggle={place}
        onToggle={({ newState }) => setOpen(newState === 'open')}
        className="fixed inset-auto w-max max-w-72 overflow-y-auto rounded-md border border-line-strong bg-overlay px-2 py-1.5 text-left text-xs leading-4 whitespace-normal text-fg shadow-float"
      >
        {props.children}
      </div>
    </>
  )
}

/** Below or above, to the right or to the left: where there is more room. */
function placeBeside(panel: HTMLElement, button: HTMLElement): void {
  const { top, bottom, left, right } = button.getBoundingClientRect()
  const { clientWidth: width, clientHeight: height } = document.documentElement
  const isBelow = height - bottom >= top
  const isRightwards = width - left >= right
  const px = (length: number) => `${Math.max(gap, Math.round(length))}px`
  Object.assign(panel.style, {
    top: isBelow ? px(bottom + gap) : 'auto',
    bottom: isBelow ? 'auto' : px(height - top + gap),
    left: isRightwards ? px(left) : 'auto',
    right: isRightwards ? 'auto' : px(width - right),
    maxHeight: px((isBelow ? height - bottom : top) - 2 * gap),
  })
}
