import { useState } from 'react'

/**
 * Where the focus goes back to when what opens now is closed: what has it at the first drawing, or, where that is a line
 * of a menu that closes, the menu's trigger; the page's main part where neither is there any more. Whoever has gone on to
 * something else by then stays there.
 */
export function useFocusReturn(): () => void {
  const [before] = useState(focused)
  return () => {
    if (document.activeElement !== document.body) return
    const target = before?.isConnected ? before : document.querySelector('main')
    if (target instanceof HTMLElement) target.focus()
  }
}

function focused(): Element | null {
  const { activeElement } = document
  const menu = activeElement?.closest('[role="menu"]')
  const trigger = menu?.getAttribute('aria-labelledby')
  if (trigger) return document.getElementById(trigger)
  return activeElement === document.body ? null : activeElement
}
