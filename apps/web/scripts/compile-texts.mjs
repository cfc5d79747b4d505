import compile from 'icu-minify/compile'

/**
 * A loader: a file of texts as the module that holds them read already, so that no browser loads what reads them. A text that
 * cannot be read ends the build.
 * @param {string} source
 */
export default function compileTexts(source) {
  return `export default JSON.parse(${JSON.stringify(JSON.stringify(compiled(JSON.parse(source))))})`
}

/**
 * @param {unknown} texts
 * @returns {unknown}
 */
function compiled(texts) {
  if (typeof texts === 'string') {
    const parts = compile(texts)
    if (canBeEmpty(parts)) throw new Error(`a text may come out empty, which no page can show: ${texts}`)
    return parts
  }
  return Object.fromEntries(Object.entries(/** @type {object} */ (texts)).map(([name, text]) => [name, compiled(text)]))
}

/**
 * Whether there are values with which nothing is left of a text.
 * @param {unknown} parts
 * @returns {boolean}
 */
function canBeEmpty(parts) {
  if (!Array.isArray(parts)) return parts === ''
  return parts.every((part) => {
    if (!Array.isArray(part)) return part === ''
    /** @type {unknown} */
    const choices = part[2]
    return typeof choices === 'object' && choices !== null && Object.values(choices).some(canBeEmpty)
  })
}
