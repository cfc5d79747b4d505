import { cn } from './cn.ts'

const warnFrom = 0.85
const badFrom = 0.95

/**
 * How much of something is used. `part` is what of it is ours: the darker part of the bar. Without a value it is an empty track. It is
 * ink and takes a colour where little is left; the number must stand beside it.
 */
export function Meter(props: { label: string; value: number | null; part?: number | null; className?: string }) {
  const value = props.value === null ? 0 : Math.min(1, Math.max(0, props.value))
  const part = Math.min(value, Math.max(0, props.part ?? value))
  const tone = value >= badFrom ? 'text-bad' : value >= warnFrom ? 'text-warn' : 'text-fg'
  return (
    <div
      role="meter"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(value * 100)}
      className={cn('h-1.5 overflow-hidden rounded-full bg-raised', props.className)}
    >
      <svg className={cn('block size-full', tone)} preserveAspectRatio="none" viewBox="0 0 100 1" aria-hidden>
        <rect width={value * 100} height="1" fill="currentColor" opacity={props.part === undefined ? 1 : 0.4} />
        {props.part === undefined ? null : <rect width={part * 100} height="1" fill="currentColor" />}
      </svg>
    </div>
  )
}
