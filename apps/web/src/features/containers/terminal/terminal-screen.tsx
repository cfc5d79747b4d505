'use client'

import { FitAddon } from '@xterm/addon-fit'
import { Terminal } from '@xterm/xterm'
import { copyText } from '@flotilla/ui'
import { useEffect, useRef, useState } from 'react'
import { useLive } from '../../../live/live-provider.tsx'
import { useTheme } from '../../../theme/theme.ts'
import { TerminalLink, type TerminalStatus } from './terminal-link.ts'
import { webLinks } from './terminal-links.ts'
import { InputNote } from './input-note.tsx'
import { terminalTheme } from './terminal-theme.ts'
import { nothingTyped } from './typed-input.ts'

const scrollback = 20_000

interface Props {
  container: string
  session: string
  label: string
  fontSize: number
  copyOnSelect: boolean
  screenReader: boolean
  onStatus: (status: TerminalStatus) => void
  /** F6: the keyboard leaves the terminal, where Tab belongs to the shell. */
  onLeave: () => void
  /** Enter in a shell that has ended. */
  onAgain: () => void
}

/** The screen of one shell, as large as the room it has. Loaded when a terminal is first opened. */
export function TerminalScreen(props: Props) {
  const place = useRef<HTMLDivElement>(null)
  const terminal = useRef<Terminal | null>(null)
  const fit = useRef<FitAddon | null>(null)
  const latest = useRef(props)
  const link = useRef<TerminalLink | null>(null)
  const [input, setInput] = useState(nothingTyped)
  const channel = useLive()
  const { shown: theme } = useTheme()
  const { container, session, fontSize, screenReader } = props
  useEffect(() => {
    latest.current = props
  })

  useEffect(() => {
    const element = place.current
    if (!element || channel === null) return
    const { term, fitAddon } = makeTerminal(element, latest.current)
    terminal.current = term
    fit.current = fitAddon
    let isOver = false
    const opened = new TerminalLink(channel, container, session, {
      write: (bytes, done) => term.write(bytes, done),
      reset: () => term.reset(),
      size: () => ({ columns: term.cols, rows: term.rows }),
      onStatus: (status) => {
        isOver = status.state === 'exited'
        latest.current.onStatus(status)
      },
      onInput: setInput,
    })
    link.current = opened
    term.onData((text) => {
      if (isOver && text === '\r') latest.current.onAgain()
      else opened.type(text)
    })
    term.onBinary((text) => opened.send(Uint8Array.from(text, (character) => character.charCodeAt(0))))
    term.onResize(() => opened.resize())
    term.onSelectionChange(() => {
      const selection = term.getSelection()
      if (latest.current.copyOnSelect && selection !== '') void copyText(selection)
    })
    term.attachCustomKeyEventHandler((event) => ownKey(event, term, () => latest.current.onLeave()))
    const observer = new ResizeObserver(() => fitAddon.fit())
    observer.observe(element)
    term.focus()
    return () => {
      observer.disconnect()
      opened.close()
      term.dispose()
      terminal.current = null
    }
  }, [channel, container, session])

  useEffect(() => {
    const term = terminal.current
    if (!term || !place.current) return
    term.options.theme = terminalTheme(place.current)
    term.options.fontSize = fontSize
    term.options.screenReaderMode = screenReader
    fit.current?.fit()
  }, [theme, fontSize, screenReader])

  return (
    <section aria-label={props.label} className="relative min-h-0 flex-1 overflow-hidden bg-field py-2 pl-4">
      <div ref={place} className="size-full font-mono" />
      <InputNote
        input={input}
        onCancel={() => {
          link.current?.cancel()
          terminal.current?.focus()
        }}
        onDismiss={() => {
          link.current?.dismiss()
          terminal.current?.focus()
        }}
      />
    </section>
  )
}

function makeTerminal(element: HTMLElement, props: Props): { term: Terminal; fitAddon: FitAddon } {
  const term = new Terminal({
    fontFamily: getComputedStyle(element).fontFamily,
    fontSize: props.fontSize,
    lineHeight: 1.2,
    scrollback,
    cursorBlink: !window.matchMedia('(prefers-reduced-motion: reduce)').matches,
    macOptionIsMeta: true,
    minimumContrastRatio: 4.5,
    screenReaderMode: props.screenReader,
    theme: terminalTheme(element),
  })
  const fitAddon = new FitAddon()
  term.loadAddon(fitAddon)
  term.open(element)
  term.registerLinkProvider(webLinks(term))
  fitAddon.fit()
  return { term, fitAddon }
}

/** False: the key is not the shell's. */
function ownKey(event: KeyboardEvent, term: Terminal, leave: () => void): boolean {
  if (event.type !== 'keydown') return true
  if (event.key === 'F6') {
    event.preventDefault()
    leave()
    return false
  }
  if (event.ctrlKey && event.shiftKey && event.code === 'KeyC') {
    event.preventDefault()
    const selection = term.getSelection()
    if (selection !== '') void copyText(selection)
    return false
  }
  // The browser pastes by itself where the shell does not get the key.
  return !(event.ctrlKey && event.shiftKey && event.code === 'KeyV')
}
