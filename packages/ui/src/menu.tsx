import { DropdownMenu as Radix } from 'radix-ui'
import type { ComponentProps, ReactNode } from 'react'
import { cn } from './cn.ts'
import { useLandmark } from './landmark.ts'

const item =
  'flex min-h-8 cursor-default items-center gap-2 rounded-sm px-2 text-sm outline-none select-none ' +
  'data-[highlighted]:bg-raised data-[disabled]:text-faint [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-muted'

/** A menu that opens from its trigger. */
export function Menu(props: {
  trigger: ReactNode
  children: ReactNode
  align?: 'start' | 'end'
  open?: boolean
  onOpenChange?: (open: boolean) => void
}) {
  const { trigger, container } = useLandmark()
  return (
    <Radix.Root
      {...(props.open === undefined ? {} : { open: props.open })}
      {...(props.onOpenChange ? { onOpenChange: props.onOpenChange } : {})}
      modal={false}
    >
      <Radix.Trigger asChild ref={trigger}>
        {props.trigger}
      </Radix.Trigger>
      <Radix.Portal container={container}>
        <Radix.Content
          align={props.align ?? 'start'}
          sideOffset={4}
          collisionPadding={8}
          className="z-50 max-h-[min(24rem,var(--radix-dropdown-menu-content-available-height))] min-w-44 overflow-y-auto rounded-md border border-line-strong bg-overlay p-1 shadow-float motion-safe:data-[state=open]:animate-fade"
        >
          {props.children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

export function MenuItem({
  className,
  danger = false,
  hint,
  children,
  ...props
}: ComponentProps<typeof Radix.Item> & { danger?: boolean; hint?: ReactNode }) {
  return (
    <Radix.Item className={cn(item, danger && 'text-bad [&_svg]:text-bad', className)} {...props}>
      {children}
      {hint ? <span className="ml-auto pl-4 text-xs text-faint">{hint}</span> : null}
    </Radix.Item>
  )
}

export function MenuRadio(props: {
  value: string
  onChange: (value: string) => void
  options: { value: string; label: ReactNode }[]
}) {
  return (
    <Radix.RadioGroup value={props.value} onValueChange={props.onChange}>
      {props.options.map((option) => (
        <Radix.RadioItem
          key={option.value}
          value={option.value}
          className={cn(item, 'pl-6 data-[state=checked]:font-medium')}
        >
          <Radix.ItemIndicator className="absolute left-3 size-1.5 rounded-full bg-accent" />
          {option.label}
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  )
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className="px-2 py-1 text-xs text-faint">{children}</Radix.Label>
}

export function MenuSeparator() {
  return <Radix.Separator className="my-1 h-px bg-line" />
}
