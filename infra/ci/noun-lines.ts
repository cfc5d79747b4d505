import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** What tries the product, measures it or tells of it: no part of what a new noun has to touch. */
const beside = /[.](test|spec)[.]tsx?$|(^|\/)testing\/|^(playwright|docs|infra)\//
const written = /[.](tsx?|mjs|cjs|js)$|^apps\/web\/messages\/.*[.]json$/

/** The folders of the nouns, each called as its noun is. */
export function nounFolders(): string[] {
  const entries = readdirSync(join(root, 'packages/protocol/src/nouns'), { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

/** Every file of the product, and of the contract and the engine that tests stand on. */
export function productFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root })
  return listed
    .toString()
    .split('\n')
    .filter((path) => written.test(path) && !beside.test(path))
}

/** The words of `volumeFiles`, `VOLUME_NAME` or `volume-name`, with blanks between. */
function spaced(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .replace(/[^A-Za-z0-9]+/g, ' ')
    .toLowerCase()
    .trim()
}

/** What finds a noun in a name: its word or words, one or several, and not as the beginning of another noun's. */
export function wordsOf(kind: string, others: readonly string[]): RegExp {
  const own = spaced(kind)
  const longer = others.map(spaced).filter((other) => other.startsWith(`${own} `))
  const not = longer.map((other) => `(?! ${other.slice(own.length + 1)}s?\\b)`).join('')
  return new RegExp(`\\b${own}s?\\b${not}`)
}

/** Whether a folder or the file itself is called after the noun, its word standing first: `volumes/`, `volume-errors.ts`. */
export function isHome(path: string, words: RegExp): boolean {
  const first = new RegExp(`^${words.source}`)
  return path.split('/').some((segment) => first.test(spaced(segment.replace(/[.][a-z]+$/, ''))))
}

/** The lines of a file whose code names the noun, without comments and prose: `path:line: text`. */
export function linesNaming(path: string, words: RegExp): string[] {
  const content = readFileSync(join(root, path), 'utf8')
  const lines = content.split('\n')
  const found = path.endsWith('.json') ? keysNaming(lines, words) : partsNaming(path, content, words)
  return [...new Set(found)].toSorted((a, b) => a - b).map((at) => `${path}:${at + 1}: ${lines[at]?.trim() ?? ''}`)
}

function keysNaming(lines: readonly string[], words: RegExp): number[] {
  return lines.flatMap((line, at) => (words.test(spaced(/^\s*"([^"]*)":/.exec(line)?.[1] ?? '')) ? [at] : []))
}

/** Identifiers, paths that are imported, and literals that are names and no sentences. */
function partsNaming(path: string, content: string, words: RegExp): number[] {
  if (!words.test(spaced(content))) return []
  const file = ts.createSourceFile(path, content, ts.ScriptTarget.Latest)
  const found: number[] = []
  const visit = (node: ts.Node): void => {
    if (words.test(spaced(nameIn(node)))) found.push(file.getLineAndCharacterOfPosition(node.getStart(file)).line)
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

function nameIn(node: ts.Node): string {
  if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) return node.text
  const isText = ts.isStringLiteralLike(node) || ts.isTemplateHead(node)
  return isText && !/\s/.test(node.text) ? node.text : ''
}
