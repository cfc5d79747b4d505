'use client'

import { useEffect } from 'react'
import { isTyping } from '../../../navigation/typing.ts'
import { useUrlState } from '../../../navigation/url-state.ts'
import { parentOf } from './file-path.ts'

/** Backspace goes to the folder above. */
export function useUp(path: string): void {
  const { go } = useUrlState()
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key !== 'Backspace' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      if (path === '' || document.querySelector('[role="dialog"],[role="menu"]')) return
      event.preventDefault()
      go({ path: parentOf(path), q: null })
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [path, go])
}
