import type { RefCallback } from 'react'

/** Writes an element's height in px into a property of the page's root, for as long as it is there. */
const measuredAs =
  (property: `--${string}`): RefCallback<HTMLElement> =>
  (element) => {
    if (element === null) return undefined
    const { style } = document.documentElement
    const observer = new ResizeObserver(() => style.setProperty(property, `${element.offsetHeight}px`))
    observer.observe(element, { box: 'border-box' })
    return () => {
      observer.disconnect()
      style.removeProperty(property)
    }
  }

/** The `ref` of what stays at the page's foot, one at a time: toasts appear above it. */
export const dockRef = measuredAs('--dock')

/** The `ref` of the toasts: a sheet that they lie on ends above them. */
export const toastsRef = measuredAs('--toasts')
