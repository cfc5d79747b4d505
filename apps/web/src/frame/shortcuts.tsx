'use client'

import { useEffect, useRef, useState } from 'react'
import { lazily } from '../data/lazily.ts'
import { DialogPart } from '../data/part.tsx'
import { useGo } from '../navigation/leave-guard.ts'
import { isTyping } from '../navigation/typing.ts'
import { nouns } from '../navigation/nouns.ts'
import { places } from '../navigation/places.ts'
import { withScope } from '../navigation/scope.ts'
import { openPalette, setPalette, usePaletteOpen } from './palette-store.ts'

const Palette = lazily(() => import('./palette/palette.tsx').then((module) => module.Palette))
const KeysDialog = lazily(() => import('./keys-dialog.tsx').then((module) => module.KeysDialog))
const chordMs = 1200

/** Keys that work on every page: Ctrl-K, `g` and a letter, `n` for what is begun most, `?` for this list. */
export function Shortcuts() {
  const go = useGo()
  const paletteOpen = usePaletteOpen()
  const [help, setHelp] = useState(false)
  const chord = useRef(Number.NEGATIVE_INFINITY)

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k' && !event.shiftKey) {
        event.preventDefault()
        openPalette()
        return
      }
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return
      if (document.querySelector('[role="dialog"],[role="menu"]') !== null) return
      if (performance.now() - chord.current < chordMs) {
        const place = places.find((each) => each.key === event.key)
        chord.current = Number.NEGATIVE_INFINITY
        if (place) {
          event.preventDefault()
          go(withScope(place.href, window.location.search))
        }
        return
      }
      if (event.key === 'g') chord.current = performance.now()
      if (event.key === '?') setHelp(true)
      const begun = nouns.find((noun) => noun.begin?.key === event.key)
      if (begun?.begin) go(begun.begin.href)
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [go])

  return (
    <>
      {paletteOpen ? (
        <DialogPart onClose={() => setPalette(false)}>
          <Palette />
        </DialogPart>
      ) : null}
      {help ? (
        <DialogPart onClose={() => setHelp(false)}>
          <KeysDialog onClose={() => setHelp(false)} />
        </DialogPart>
      ) : null}
    </>
  )
}
