import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { projectFiles } from './tracked.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** How code passes a point by its name. */
const passing = /(?:failurePoint|passed|#reach)\(\s*'([^']+)'/g
/** Lists of points that code keeps for its tests. */
const lists = /export const (\w+FailurePoints)\b[^=]*= \[([^\]]*)\]/g
const quoted = /'([a-z][\w.-]*\.[\w.-]+)(?:#\d+)?'/g

const all = (text: string, pattern: RegExp): string[][] => [...text.matchAll(pattern)].map((match) => match.slice(1))
const firstsOf = (text: string, pattern: RegExp): string[] => all(text, pattern).map(([first = '']) => first)

interface Source {
  path: string
  text: string
}

/** The points that code passes and at which no test kills: none names it whole, nor a list that it is in. */
function unmetPoints(sources: readonly Source[]): string[] {
  const tests = sources.filter(({ path }) => path.endsWith('.test.ts')).map(({ text }) => text)
  const code = sources.filter(({ path }) => !path.endsWith('.test.ts')).map(({ text }) => text)
  const bodies = new Map(code.flatMap((text) => all(text, lists)).map(([name = '', body = '']) => [name, body]))
  const inList = (name: string): string[] => {
    const body = bodies.get(name) ?? ''
    return [...firstsOf(body, quoted), ...firstsOf(body, /\.\.\.(\w+)/g).flatMap(inList)]
  }
  const used = [...bodies.keys()].filter((name) => tests.some((text) => text.includes(`...${name}`)))
  const met = new Set([...tests.flatMap((text) => firstsOf(text, quoted)), ...used.flatMap(inList)])
  return [...new Set(code.flatMap((text) => firstsOf(text, passing)))].filter((point) => !met.has(point)).sort()
}

test('every point at which code may be killed is met by a test', () => {
  const paths = projectFiles(root, ['packages/*.ts', 'apps/*.ts'])
  const sources = paths.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
  expect(sources.filter(({ text }) => text.match(passing)).length).toBeGreaterThan(20)
  expect(unmetPoints(sources)).toEqual([])
})

test('a point that is in no test is told, and so is one whose list no test takes', () => {
  const code = "failurePoint('a.one')\nthis.#reach(\n  'a.two')\npassed('a.three')\nthis.failurePoint('a.four')"
  const used = "export const innerFailurePoints = ['a.two'] as const\n"
  const left = "export const otherFailurePoints: readonly string[] = ['a.four']\n"
  const list = 'export const takenFailurePoints: readonly string[] = [\n  ...innerFailurePoints,\n]\n'
  const sources = [
    { path: 'a.ts', text: code + used + left + list },
    { path: 'a.test.ts', text: "const points = [...takenFailurePoints, 'a.one#2']" },
  ]
  expect(unmetPoints(sources)).toEqual(['a.four', 'a.three'])
})
