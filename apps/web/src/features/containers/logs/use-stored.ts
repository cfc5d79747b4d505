'use client'

import { useState } from 'react'

/** A choice that the browser keeps. Only below the frame, where there is a browser. */
export function useStored(key: string, initial: string): [string, (value: string) => void] {
  const name = `flotilla.${key}`
  const [value, setValue] = useState(() => window.localStorage.getItem(name) ?? initial)
  const set = (next: string) => {
    window.localStorage.setItem(name, next)
    setValue(next)
  }
  return [value, set]
}
