import { Tooltip as Radix } from 'radix-ui'
import type { ReactElement, ReactNode } from 'react'
import { useLandmark } from './landmark.ts'

export const TooltipProvider = Radix.Provider

/** A sentence that appears on hover and on focus. The child must be focusable. */
export function Tooltip(props: {
  text: ReactNode
  children: ReactElement
  side?: 'top' | 'right' | 'bottom' | 'left'
}) {
  const { trigger, container } = useLandmark()
  return (
    <Radix.Root>
      <Radix.Trigger asChild ref={trigger}>
        {props.children}
      </Radix.Trigger>
      <Radix.Portal container={container}>
        <Radix.Content
          side={props.side ?? 'top'}
          sideOffset={6}
          collisionPadding={8}
          className="z-60 max-w-72 rounded-md border border-line-strong bg-overlay px-2 py-1.5 text-xs leading-4 text-fg shadow-float"
        >
          {props.text}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
