import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { projectFiles } from './tracked.mjs'

/** So many lines that say something, one after the other, are a duplicate where they stand in two places. */
const least = 10

/**
 * The longest runs of lines that stand in two places, imports and lines without a word left out.
 * @param {ReadonlyMap<string, string>} texts by their paths
 * @returns {{ lines: number, places: [string, string] }[]} the longest first
 */
export function duplicates(texts) {
  /** @type {Map<string, { path: string, at: number }>} */
  const seen = new Map()
  const found = []
  const files = new Map([...texts].map(([path, text]) => [path, linesOf(text)]))
  for (const [path, lines] of files) {
    for (let at = 0; at + least <= lines.length; at += 1) {
      const key = lines
        .slice(at, at + least)
        .map(({ text }) => text)
        .join('\n')
      const first = seen.get(key)
      if (first === undefined) seen.set(key, { path, at })
      else {
        const others = files.get(first.path) ?? []
        let length = least
        while (isSame(others[first.at + length], lines[at + length])) length += 1
        const place = (/** @type {string} */ of, /** @type {{ number: number } | undefined} */ line) =>
          `${of}:${line?.number}`
        found.push({
          lines: length,
          places: /** @type {[string, string]} */ ([place(first.path, others[first.at]), place(path, lines[at])]),
        })
        at += length - 1
      }
    }
  }
  return found.sort((a, b) => b.lines - a.lines)
}

/** @param {string} text */
function linesOf(text) {
  return text
    .split('\n')
    .map((line, index) => ({ text: line.trim(), number: index + 1 }))
    .filter((line) => /\w/.test(line.text) && !/^(import |\} from |\/?\*|\/\/)/.test(line.text))
}

/**
 * @param {{ text: string } | undefined} one
 * @param {{ text: string } | undefined} other
 */
function isSame(one, other) {
  return one !== undefined && one.text === other?.text
}

// A report; it never fails.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('../../', import.meta.url))
  const paths = projectFiles(root, ['*.ts', '*.tsx', '*.mjs'])
  const found = duplicates(new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')])))
  for (const { lines, places } of found) process.stdout.write(`${lines} lines: ${places.join(' and ')}\n`)
  process.stdout.write(`${found.length} duplicates of ${least} lines or more\n`)
}
