'use client'

import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import { useTheme } from '../../../theme/theme.ts'

/** A colour of the page by its custom property's name. */
export type ChartColour = 'accent' | 'ok' | 'warn' | 'bad' | 'busy' | 'unknown' | 'muted'

export interface ChartLine {
  label: string
  colour: ChartColour
  values: readonly (number | null)[]
  filled?: boolean
  /** A limit: its value of now, across the whole chart. */
  dashed?: boolean
}

/** A moment that stands out: the kernel killed something, say. */
export interface ChartMark {
  at: number
  colour: ChartColour
  /** It lasted for the second before. */
  isBand?: boolean
}

interface Props {
  label: string
  /** Seconds since 1970. */
  times: readonly number[]
  lines: readonly ChartLine[]
  marks?: readonly ChartMark[]
  /** Seconds that the axis spans at most; at first it spans a minute. */
  span: number
  /** The axis counts in binary steps. */
  isBytes?: boolean
  format: (value: number) => string
  /** The axis reaches at least this value. */
  atLeast: number
  /** Charts of the same name share their cursor. */
  group: string
  /** The sample under the cursor; null: none. */
  onCursor: (index: number | null) => void
}

const height = 132
const shortest = 60
/** Half of what a time of day is wide, in pixels. */
const halfTime = 24
const binarySteps = Array.from({ length: 50 }, (_, power) => 2 ** power)

/** Lines over time on a canvas. Loaded when a chart is first shown. */
export function Chart(props: Props) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const latest = useRef(props)
  const { shown: theme } = useTheme()
  const shape = props.lines.map((line) => `${line.label} ${line.colour}`).join()
  useEffect(() => {
    latest.current = props
  })
  useEffect(() => {
    const element = place.current
    if (!element) return
    const made = new uPlot(optionsOf(element, latest), dataOf(latest.current), element)
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
      plot.current = null
    }
  }, [theme, shape])
  useEffect(() => {
    plot.current?.setData(dataOf(props), false)
    const last = props.times.at(-1) ?? Date.now() / 1000
    const age = last - (props.times[0] ?? last)
    plot.current?.setScale('x', { min: last - Math.min(props.span, Math.max(shortest, age)), max: last })
  })
  return <div ref={place} role="img" aria-label={props.label} className="h-33 w-full" />
}

function dataOf(props: Props): uPlot.AlignedData {
  return [[...props.times], ...props.lines.map((line) => [...line.values])]
}

function optionsOf(element: HTMLElement, latest: { readonly current: Props }): uPlot.Options {
  const style = getComputedStyle(element)
  const colour = (name: string) => style.getPropertyValue(`--${name}`)
  const { lines, group } = latest.current
  const axis: uPlot.Axis = {
    stroke: colour('faint'),
    font: `11px ${style.fontFamily}`,
    grid: { stroke: colour('line'), width: 1 },
    ticks: { show: false },
    gap: 4,
  }
  return {
    width: element.clientWidth,
    height,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: group, setSeries: false },
      drag: { x: false, y: false },
      points: { size: 6 },
      x: true,
      y: false,
    },
    scales: {
      x: { time: true },
      y: {
        range: (_plot, _min, max) => {
          const top = Math.max(latest.current.atLeast, Number.isFinite(max) ? max : 0)
          return [0, top * 1.08]
        },
      },
    },
    axes: [
      { ...axis, size: 20, space: 90, values: timesThatFit },
      {
        ...axis,
        size: 64,
        space: 34,
        ...(latest.current.isBytes ? { incrs: binarySteps } : {}),
        values: (_plot, values) => values.map((value) => latest.current.format(value)),
      },
    ],
    series: [
      {},
      ...lines.map(
        (line): uPlot.Series => ({
          label: line.label,
          stroke: colour(line.colour),
          width: 1.5,
          ...(line.dashed ? { paths: () => null } : {}),
          ...(line.filled ? { fill: `color-mix(in oklch, ${colour(line.colour)} 14%, transparent)` } : {}),
          points: { show: false },
        }),
      ),
    ],
    hooks: {
      setCursor: [(plot) => latest.current.onCursor(plot.cursor.idx ?? null)],
      draw: [
        (plot) => {
          for (const line of latest.current.lines) if (line.dashed) drawLimit(plot, line, colour(line.colour))
          for (const mark of latest.current.marks ?? []) {
            const x = plot.valToPos(mark.at, 'x', true)
            if (x < plot.bbox.left || x > plot.bbox.left + plot.bbox.width) continue
            plot.ctx.globalAlpha = mark.isBand ? 0.2 : 1
            plot.ctx.fillStyle = colour(mark.colour)
            const wide = mark.isBand ? Math.max(2, x - plot.valToPos(mark.at - 1, 'x', true)) : 2
            plot.ctx.fillRect(x - wide, plot.bbox.top, wide, plot.bbox.height)
          }
          plot.ctx.globalAlpha = 1
        },
      ],
    },
  }
}

function drawLimit(plot: uPlot, line: ChartLine, colour: string): void {
  const value = line.values.findLast((each) => each !== null)
  if (value === undefined || value === null) return
  const y = Math.round(plot.valToPos(value, 'y', true)) + 0.5
  const { ctx, bbox } = plot
  ctx.save()
  ctx.strokeStyle = colour
  ctx.lineWidth = window.devicePixelRatio
  ctx.setLineDash([4 * window.devicePixelRatio, 4 * window.devicePixelRatio])
  ctx.beginPath()
  ctx.moveTo(bbox.left, y)
  ctx.lineTo(bbox.left + bbox.width, y)
  ctx.stroke()
  ctx.restore()
}

/** A time too near to an edge to be written whole is left out. */
function timesThatFit(plot: uPlot, values: readonly number[]): string[] {
  return values.map((value) => {
    const x = plot.valToPos(value, 'x')
    return x > plot.over.clientWidth - halfTime ? '' : timeOfDay(value)
  })
}

function timeOfDay(seconds: number): string {
  const date = new Date(seconds * 1000)
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()]
  return parts.map((part) => String(part).padStart(2, '0')).join(':')
}
