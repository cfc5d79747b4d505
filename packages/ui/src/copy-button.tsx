import { Check, Copy, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from './button.tsx'
import { cn } from './cn.ts'

/** Copies a text; says so for a moment, or that the browser did not let it. */
export function CopyButton(props: {
  text: string
  label: string
  copiedLabel: string
  failedLabel: string
  className?: string
  showLabel?: boolean
}) {
  const [copied, setCopied] = useState(false)
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 1500)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = async () => {
    const done = await copyText(props.text)
    setCopied(done)
    setFailed(!done)
  }
  const label = copied ? props.copiedLabel : failed ? props.failedLabel : props.label
  return (
    <Button
      kind={props.showLabel ? 'secondary' : 'ghost'}
      size={props.showLabel ? 'sm' : 'icon-sm'}
      aria-label={label}
      title={label}
      className={cn(!props.showLabel && 'size-6', props.className)}
      onClick={(event) => {
        event.stopPropagation()
        event.preventDefault()
        void copy()
      }}
    >
      {copied ? <Check className="text-ok" /> : failed ? <X className="text-bad" /> : <Copy />}
      {props.showLabel ? label : null}
    </Button>
  )
}

/**
 * Writes to the clipboard, also on a page that is not served over TLS, where the modern way is missing. False where the browser
 * refused. What has the focus keeps it.
 */
export async function copyText(text: string): Promise<boolean> {
  if (window.isSecureContext) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    )
  }
  const focused = document.activeElement
  const area = document.createElement('textarea')
  area.value = text
  area.readOnly = true
  area.className = 'sr-only'
  const host = document.querySelector('[role="dialog"]') ?? document.body
  host.append(area)
  area.select()
  const done = document.execCommand('copy')
  area.remove()
  if (focused instanceof HTMLElement) focused.focus({ preventScroll: true })
  return done
}
