import { createHash } from 'node:crypto'

const begin = '# Kept by Flotilla up to the end mark'
const end = '# End of what Flotilla keeps'
const part = new RegExp(`^${begin} \\(([0-9a-f]{8})\\)\\n[^]*?^${end}\\n`, 'm')

/** Text as a part that is told from other lines of its file, with a mark that tells what was written. It ends with a newline. */
export function markPart(own: string): string {
  return `${begin} (${digest(own)})\n${own}${end}\n`
}

/**
 * The file with its part made the new text, all other lines as they are, less empty ones at its end; null where there is nothing to write: the part is of
 * that text already, or somebody replaced the file as a whole.
 */
export function replacePart(file: string, own: string): string | null {
  const found = part.exec(file)
  if (found === null || found[1] === digest(own)) return null
  const text = `${file.slice(0, found.index)}${markPart(own)}${file.slice(found.index + found[0].length)}`
  return text.replace(/(?<!\n)\n+$/, '\n') // empty lines may be left of a longer text
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8)
