'use client'

import { useEffect, useRef, type PointerEvent } from 'react'
import { useTheme } from '../../../shell/theme.ts'
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
      <div
        className="absolute inset-x-0 min-h-2 border-y border-fg/30 bg-fg/10"
        style={{ top: `${shown.from * 100}%`, height: `${Math.max(0, shown.to - shown.from) * 100}%` }}
      />
    </div>
  )
}

const weights = { error: 3, warn: 2, info: 1, debug: 1, other: 1 } as const

function draw(canvas: HTMLCanvasElement, view: LogView): void {
  const height = canvas.clientHeight
  const ratio = window.devicePixelRatio
  canvas.width = width * ratio
  canvas.height = height * ratio
  const context = canvas.getContext('2d')
  if (!context || height === 0) return
  context.scale(ratio, ratio)
  const style = getComputedStyle(canvas)
  const colours = ['--line-strong', '--line-strong', '--warn', '--bad'].map((name) => style.getPropertyValue(name))
  const { count } = view
  const buckets = new Uint8Array(Math.max(1, Math.floor(height / 2)))
  const step = Math.max(1, Math.floor(count / mostSamples))
  for (let index = 0; index < count; index += step) {
    const row = view.at(index)
    const at = Math.floor((index / Math.max(count, buckets.length)) * buckets.length)
    const weight = row === undefined ? 0 : row.kind === 'line' ? weights[row.level] : 2
    if (weight > (buckets[at] ?? 0)) buckets[at] = weight
  }
  for (const [index, weight] of buckets.entries()) {
    if (weight === 0) continue
    context.fillStyle = colours[weight] ?? ''
    context.globalAlpha = weight === 1 ? 0.7 : 1
    context.fillRect(weight === 1 ? 5 : 3, index * 2, weight === 1 ? 4 : 8, weight === 1 ? 1 : 2)
  }
  context.globalAlpha = 1
  context.fillStyle = style.getPropertyValue('--accent')
  const matchStep = Math.max(1, Math.floor(view.matches.length / 2000))
  for (let index = 0; index < view.matches.length; index += matchStep) {
    const at = view.indexOf(view.matches[index] ?? 0) / Math.max(count, buckets.length)
    context.fillRect(11, at * height, 3, 2)
  }
}
