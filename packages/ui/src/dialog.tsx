import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import type { ComponentProps, ReactNode } from 'react'
import { Button } from './button.tsx'
import { cn } from './cn.ts'
import { useFocusReturn } from './focus-return.ts'

/** Where nothing inside asked for the focus, the panel has it, not its cross: Tab goes on from there. */
function focusItself(event: Event): void {
  event.preventDefault()
  if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus()
}

/** The panel of a dialog; closed, it gives the focus back to what had it. */
function Content(props: ComponentProps<typeof Radix.Content>) {
  const giveBack = useFocusReturn()
  return (
    <Radix.Content
      onOpenAutoFocus={focusItself}
      onCloseAutoFocus={(event) => {
        event.preventDefault()
        giveBack()
      }}
      {...props}
    />
  )
}

/** A modal dialog. `closeLabel` is said to readers for the cross. */
export function Dialog(props: {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: ReactNode
  description?: ReactNode
  closeLabel: string
  wide?: boolean
  children: ReactNode
}) {
  return (
    <Radix.Root open={props.open} onOpenChange={props.onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/55 motion-safe:data-[state=open]:animate-fade" />
        <Content
          data-dialog
          {...(props.description ? {} : { 'aria-describedby': undefined })}
          className={cn(
            'fixed top-[12vh] left-1/2 z-50 flex max-h-[80vh] w-[calc(100vw-2rem)] -translate-x-1/2 flex-col rounded-lg border border-line-strong bg-overlay shadow-float',
            'focus:outline-none motion-safe:data-[state=open]:animate-pop',
            props.wide ? 'max-w-2xl' : 'max-w-md',
          )}
        >
          <div className="flex items-start justify-between gap-4 px-4 pt-3.5 pb-3">
            <div className="min-w-0">
              <Radix.Title className="text-lg font-semibold wrap-anywhere">{props.title}</Radix.Title>
              {props.description ? (
                <Radix.Description asChild>
                  <div className="mt-1 text-sm text-muted">{props.description}</div>
                </Radix.Description>
              ) : null}
            </div>
            <Radix.Close asChild>
              <Button
                kind="ghost"
                size="icon-sm"
                className="-mr-1.5 max-sm:-my-1.5 max-sm:-mr-3 max-sm:size-10"
                aria-label={props.closeLabel}
              >
                <X />
              </Button>
            </Radix.Close>
          </div>
          <div className="min-h-0 overflow-y-auto rounded-b-lg px-4 pb-4">{props.children}</div>
        </Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** The buttons at a dialog's end, which stay in sight when what is above them scrolls; `children` begin with the way out. */
export function DialogActions({ children }: { children: ReactNode }) {
  return (
    <div className="sticky -bottom-4 -mx-4 mt-4 -mb-4 flex flex-wrap items-center justify-end gap-2 border-t border-line bg-overlay px-4 py-3 first:mt-0">
      {children}
    </div>
  )
}

/** A panel at the page's right edge: the peek at a row, the activity tray. */
export function Sheet(props: {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: ReactNode
  label: string
  closeLabel: string
  modal?: boolean
  children: ReactNode
}) {
  return (
    <Radix.Root open={props.open} onOpenChange={props.onOpenChange} modal={props.modal ?? true}>
      <Radix.Portal>
        {(props.modal ?? true) ? (
          <Radix.Overlay className="fixed inset-0 z-40 bg-black/40 motion-safe:data-[state=open]:animate-fade" />
        ) : null}
        <Content
          data-sheet
          aria-describedby={undefined}
          aria-label={props.label}
          className="fixed inset-y-0 right-0 z-50 flex w-full max-w-110 flex-col max-lg:in-[:has([data-toast])]:pb-[calc(var(--toasts,0px)+2rem)] border-l border-line-strong bg-overlay shadow-float focus:outline-none motion-safe:data-[state=open]:animate-slide"
        >
          <div className="flex h-12 shrink-0 items-center justify-between gap-4 border-b border-line px-4">
            <Radix.Title className="min-w-0 truncate text-base font-semibold">{props.title}</Radix.Title>
            <Radix.Close asChild>
              <Button
                kind="ghost"
                size="icon-sm"
                className="-mr-1.5 max-sm:-my-1.5 max-sm:-mr-3 max-sm:size-10"
                aria-label={props.closeLabel}
              >
                <X />
              </Button>
            </Radix.Close>
          </div>
          <div
            className="min-h-0 flex-1 overflow-y-auto focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-accent"
            tabIndex={0}
            role="group"
            aria-label={props.label}
          >
            {props.children}
          </div>
        </Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** A panel at the left edge: the way around on a phone. */
export function Drawer(props: {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  children: ReactNode
}) {
  return (
    <Radix.Root open={props.open} onOpenChange={props.onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/50 motion-safe:data-[state=open]:animate-fade" />
        <Content
          aria-describedby={undefined}
          className="fixed inset-y-0 left-0 z-50 flex w-64 flex-col border-r border-line bg-surface focus:outline-none"
        >
          <Radix.Title className="sr-only">{props.title}</Radix.Title>
          {props.children}
        </Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
