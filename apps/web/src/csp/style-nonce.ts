const placeholder = '__CSP_NONCE__'

/**
 * Lets libraries that make `<style>` elements at run time (xterm, radix, react-remove-scroll) work under a policy of
 * `style-src 'self' 'nonce-…'`: each new style element gets the page's nonce before it is put into the document.
 */
export function installStyleNonce(doc: Document): void {
  const nonce = doc.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content
  if (nonce === undefined || nonce === '' || nonce === placeholder) return
  const create = doc.createElement.bind(doc)
  const patched = (name: string, options?: ElementCreationOptions): HTMLElement => {
    const element = create(name, options)
    if (element instanceof HTMLStyleElement) element.nonce = nonce
    return element
  }
  Object.defineProperty(doc, 'createElement', { value: patched, configurable: true, writable: true })
  installStyleAttribute()
}

/** xterm writes colours as a `style` attribute, which the policy blocks; the same through the object model is allowed. */
function installStyleAttribute(): void {
  const set = Element.prototype.setAttribute
  Element.prototype.setAttribute = function (this: Element, name: string, value: string) {
    if (name === 'style' && this instanceof HTMLElement) this.style.cssText = value
    else set.call(this, name, value)
  }
}

if (typeof document !== 'undefined') installStyleNonce(document)
