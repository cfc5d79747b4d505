/**
 * Runs in a page before anything of it; given to it as text. Loads the page once more where a part of it did not arrive: a
 * browser breaks off what it loads when its machine's networks change, and a page without its script would stay as it is.
 * Only while the page is still loading: nobody has typed into it by then.
 */
function loadAgain() {
  const key = 'flotilla.loaded-again'
  const leastMs = 10_000
  let lacks = false
  window.addEventListener(
    'error',
    ({ target }) => {
      if (document.readyState === 'complete') return
      const isStyle = target instanceof HTMLLinkElement && target.rel === 'stylesheet'
      if (isStyle || target instanceof HTMLScriptElement) lacks = true
    },
    true,
  )
  window.addEventListener('load', () => {
    if (!lacks) return
    try {
      const last = Number(sessionStorage.getItem(key))
      if (Math.abs(Date.now() - last) < leastMs) return // the server lacks it: once more would be for ever
      sessionStorage.setItem(key, String(Date.now()))
    } catch {
      return // a browser that keeps nothing cannot count
    }
    window.location.reload()
  })
}

const text = loadAgain
  .toString()
  .replaceAll(/\s*\/\/[^\n]*/g, '')
  .replaceAll(/\n\s*/g, '\n')

/** For the beginning of a page's head. */
export const loadAgainScript = `<script>(${text})()</script>`
