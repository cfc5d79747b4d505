'use client'

import { useEffect, useRef, type PointerEvent } from 'react'
import { useTheme } from '../../../theme/theme.ts'
import type { LogView } from './log-view.ts'

const width = 14
const refreshMs = 200
const mostSamples = 40_000

interface Props {
  view: LogView
  version: number
  /** The part of the rows that is on the screen, 0 to 1. */
  window: { from: number; to: number }
  onGo: (share: number) => void
}

/** All rows as a strip: where errors and warnings are, where something was found, what is on the screen. For pointers only. */
export function LogMinimap({ view, version, window: shown, onGo }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const last = useRef(0)
  const { shown: theme } = useTheme()
  useEffect(() => {
    const paint = () => {
      last.current = performance.now()
      if (canvas.current) draw(canvas.current, view)
    }
    const wait = refreshMs - (performance.now() - last.current)
    const timer = setTimeout(paint, Math.max(0, wait))
    return () => clearTimeout(timer)
  }, [view, version, theme])
  const go = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    onGo(Math.min(1, Math.max(0, (event.clientY - box.top) / box.height)))
  }
  return (
    <div
      aria-hidden
      className="relative w-3.5 shrink-0 cursor-pointer touch-none border-l border-line bg-surface max-sm:hidden"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        go(event)
      }}
      onPointerMove={(event) => {
        if (event.buttons === 1) go(event)
      }}
    >
      <canvas ref={canvas} className="absolute inset-0 size-full" />
      {shown.to - shown.from < 1 ? (
        <div
          className="absolute inset-x-0 min-h-2 border-y border-fg/30 bg-fg/10"
          style={{ top: `${shown.from * 100}%`, height: `${Math.max(0, shown.to - shown.from) * 100}%` }}
        />
      ) : null}
    </div>
  )
}

const barHeight = 2

/** Each bar says how many of its rows are warnings and errors; one among thousands is still seen. */
function draw(canvas: HTMLCanvasElement, view: LogView): void {
  const height = canvas.clientHeight
  const ratio = window.devicePixelRatio
  canvas.width = width * ratio
  canvas.height = height * ratio
  const context = canvas.getContext('2d')
  if (!context || height === 0) return
  context.scale(ratio, ratio)
  const style = getComputedStyle(canvas)
  const colour = (name: string) => style.getPropertyValue(name)
  const { count } = view
  const bars = Array.from({ length: Math.max(1, Math.floor(height / barHeight)) }, () => ({
    all: 0,
    warn: 0,
    error: 0,
  }))
  const step = Math.max(1, Math.floor(count / mostSamples))
  for (let index = 0; index < count; index += step) {
    const bar = bars[Math.floor((index / Math.max(count, bars.length)) * bars.length)]
    const row = view.at(index)
    if (!bar || !row) continue
    bar.all += 1
    if (row.kind !== 'line' || row.level === 'warn') bar.warn += 1
    else if (row.level === 'error') bar.error += 1
  }
  for (const [index, bar] of bars.entries()) {
    if (bar.all === 0) continue
    const top = index * barHeight
    const long = (part: number) => (part === 0 ? 0 : 2 + Math.round(8 * Math.sqrt(part / bar.all)))
    context.fillStyle = colour('--line')
    context.fillRect(1, top, 10, 1)
    context.fillStyle = colour('--warn')
    context.fillRect(1, top, long(bar.warn), 1)
    context.fillStyle = colour('--bad')
    context.fillRect(1, top, long(bar.error), barHeight)
  }
  context.fillStyle = style.getPropertyValue('--accent')
  const matchStep = Math.max(1, Math.floor(view.matches.length / 2000))
  for (let index = 0; index < view.matches.length; index += matchStep) {
    const at = view.indexOf(view.matches[index] ?? 0) / Math.max(count, bars.length)
    context.fillRect(11, at * height, 3, 2)
  }
}
