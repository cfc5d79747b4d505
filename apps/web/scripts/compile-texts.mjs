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
  if (typeof texts === 'string') return compile(texts)
  return Object.fromEntries(Object.entries(/** @type {object} */ (texts)).map(([name, text]) => [name, compiled(text)]))
}
