/** Of a longer name the rest does not count: keys go into cursors, and those are bounded. */
const mostCharacters = 500

/**
 * A key by which names sort as people count: `web-2` before `web-10`, capitals as small letters, zeros before a number for
 * nothing. Keys compare as plain strings, so that they go into a cursor.
 */
export function naturalKey(name: string): string {
  return name.toLowerCase().replaceAll(/\d+/g, counted).slice(0, mostCharacters)
}

/** A number behind its length, which is a digit too, so that numbers keep their place among other characters. */
function counted(run: string): string {
  const number = run.replace(/^0+(?=\d)/, '')
  return `${'9'.repeat(Math.floor(number.length / 9))}${number.length % 9}${number}`
}
