import { useStored } from './use-stored.ts'

export interface LogDisplay {
  timestamps: boolean
  setTimestamps: (on: boolean) => void
  wrap: boolean
  setWrap: (on: boolean) => void
}

/** How this browser shows logs; a phone begins without times and with lines that wrap. */
export function useLogDisplay(): LogDisplay {
  const isPhone = window.innerWidth < 640
  const [timestamps, setTimestamps] = useStored('logs.timestamps', isPhone ? 'off' : 'on')
  const [wrap, setWrap] = useStored('logs.wrap', isPhone ? 'on' : 'off')
  return {
    timestamps: timestamps === 'on',
    setTimestamps: (on) => setTimestamps(on ? 'on' : 'off'),
    wrap: wrap === 'on',
    setWrap: (on) => setWrap(on ? 'on' : 'off'),
  }
}
