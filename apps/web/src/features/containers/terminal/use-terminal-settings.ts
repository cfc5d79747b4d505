import { useStored } from '../logs/use-stored.ts'
import type { Shell } from './shells.ts'

/** How this browser likes its terminals, and the shell that it opens. */
export function useTerminalSettings() {
  const [shell, setShell] = useStored('terminal.shell', 'auto')
  const [custom, setCustom] = useStored('terminal.command', '')
  const [fontSize, setFontSize] = useStored('terminal.fontSize', '13')
  const [copyOnSelect, setCopyOnSelect] = useStored('terminal.copyOnSelect', 'off')
  const [screenReader, setScreenReader] = useStored('terminal.screenReader', 'off')
  return {
    shell: shell as Shell,
    custom,
    setShell: (next: Shell, nextCustom: string) => {
      setShell(next)
      setCustom(nextCustom)
    },
    fontSize: Number(fontSize),
    setFontSize: (size: number) => setFontSize(String(size)),
    copyOnSelect: copyOnSelect === 'on',
    setCopyOnSelect: (on: boolean) => setCopyOnSelect(on ? 'on' : 'off'),
    screenReader: screenReader === 'on',
    setScreenReader: (on: boolean) => setScreenReader(on ? 'on' : 'off'),
  }
}

export type TerminalSettings = ReturnType<typeof useTerminalSettings>
