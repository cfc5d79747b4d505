'use client'

import { cn } from '@flotilla/ui'
import { useState, type DragEvent, type ReactNode } from 'react'
import { usePermissionReason } from '../../../data/guarded-button.tsx'

/** Files that are let fall anywhere on the tab are uploaded to the folder that is shown. */
export function DropArea({
  onDropped,
  children,
}: {
  onDropped: (transfer: DataTransfer) => void
  children: ReactNode
}) {
  const may = usePermissionReason()('volumes.files.write') === null
  const [isOver, setOver] = useState(false)
  const holdsFiles = (event: DragEvent) => may && event.dataTransfer.types.includes('Files')
  return (
    <div
      className={cn('flex min-h-0 flex-1 flex-col', isOver && 'outline-2 -outline-offset-2 outline-accent')}
      onDragOver={(event) => {
        if (!holdsFiles(event)) return
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        if (!holdsFiles(event)) return
        event.preventDefault()
        setOver(false)
        onDropped(event.dataTransfer)
      }}
    >
      {children}
    </div>
  )
}
