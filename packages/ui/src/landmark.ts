import { useState } from 'react'

const landmarks = '[role="dialog"], main, aside, nav, header'

/**
 * Where what floats over the page belongs: the landmark that its trigger stands in, so that nobody who goes from landmark
 * to landmark misses it, and a dialog that holds the focus holds it there too.
 */
export function useLandmark(): { trigger: (element: HTMLElement | null) => void; container: HTMLElement | undefined } {
  const [element, trigger] = useState<HTMLElement | null>(null)
  return { trigger, container: element?.closest<HTMLElement>(landmarks) ?? undefined }
}
