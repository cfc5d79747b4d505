import { existsSync, readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'

/**
 * @typedef {{
 *   passed: number, failed: number, skipped: string[], again: string[], files?: { path: string, ms: number }[], contract?: import('./contract-table.mjs').ContractEntry[],
 *   failures?: Failure[],
 * }} Counts
 * @typedef {{ name: string, error: string }} Failure one failed test, or what failed outside of any
 */

/**
 * What a suite counted; a suite that ended badly without a report or without a failed test counts as one failure.
 * @param {string} path
 * @param {boolean} ok whether the suite's program ended with 0
 * @param {(text: string) => Counts} read
 * @returns {Counts}
 */
export function countsFrom(path, ok, read) {
  const counts = existsSync(path) ? read(readFileSync(path, 'utf8')) : { passed: 0, failed: 0, skipped: [], again: [] }
  return !ok && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

/**
 * Our own vitest reporter's file.
 * @param {string} text
 */
export function vitestCounts(text) {
  return /** @type {Counts} */ (JSON.parse(text))
}

/**
 * Playwright's JSON report.
 * @param {string} text
 * @returns {Counts}
 */
export function playwrightCounts(text) {
  /**
   * @typedef {{
   *   status: string, annotations: { type: string, description?: string }[], results?: { duration: number, errors?: { message?: string }[] }[],
   * }} Test
   * @typedef {{ title: string, specs?: { title: string, tests: Test[] }[], suites?: Suite[] }} Suite
   */
  const report = /** @type {{ suites: Suite[], errors?: { message?: string }[] }} */ (JSON.parse(text))
  const outside = (report.errors ?? []).map(({ message = '' }) => ({ name: 'outside of any test', error: message }))
  const counts = {
    ...{ passed: 0, failed: outside.length },
    skipped: /** @type {string[]} */ ([]),
    again: /** @type {string[]} */ ([]),
    failures: /** @type {Failure[]} */ (outside),
  }
  /** @param {Suite} suite @returns {number} how long its tests took, in milliseconds */
  const walk = (suite) => {
    let ms = 0
    for (const spec of suite.specs ?? []) {
      for (const { status, annotations, results = [] } of spec.tests) {
        ms += results.reduce((total, { duration }) => total + duration, 0)
        if (status === 'flaky') counts.again.push(`${spec.title} (${messages(results[0]).map(firstLine).join('; ')})`)
        if (status === 'expected' || status === 'flaky') counts.passed += 1
        else if (status === 'unexpected') {
          counts.failed += 1
          counts.failures.push({ name: spec.title, error: messages(results.at(-1)).join('\n') })
        } else {
          const reason = annotations.find(({ type }) => type === 'skip' || type === 'fixme')?.description
          counts.skipped.push(`${spec.title} (${reason ?? 'no reason given'})`)
        }
      }
    }
    return (suite.suites ?? []).reduce((total, inner) => total + walk(inner), ms)
  }
  const files = report.suites.map((suite) => ({ path: suite.title, ms: walk(suite) }))
  return { ...counts, files }
}

/**
 * What went wrong in one try: the test itself, and what was to take away after it.
 * @param {{ errors?: { message?: string }[] } | undefined} result
 */
const messages = (result) => (result?.errors ?? []).flatMap(({ message }) => message ?? [])

/**
 * @param {readonly Counts[]} all
 * @returns {Counts}
 */
export function sum(all) {
  return {
    passed: all.reduce((total, { passed }) => total + passed, 0),
    failed: all.reduce((total, { failed }) => total + failed, 0),
    skipped: all.flatMap(({ skipped }) => skipped),
    again: all.flatMap(({ again }) => again),
  }
}

/**
 * Each failed test with the beginning of what it said, so that the end of a long log is enough to know what failed.
 * @param {readonly Counts[]} all
 * @param {number} lines most of one message
 * @returns {string}
 */
export function failureList(all, lines) {
  return all
    .flatMap(({ failures = [] }) => failures)
    .map(({ name, error }) => {
      const said = plain(error)
        .split('\n')
        .filter((line) => line.trim() !== '')
      return [`failed: ${name}`, ...said.slice(0, lines).map((line) => `    ${line.slice(0, 300)}`)].join('\n')
    })
    .join('\n')
}

/**
 * The files that took longest, a line each.
 * @param {readonly Counts[]} all
 * @param {number} most
 * @returns {string}
 */
export function slowest(all, most) {
  const files = all.flatMap(({ files = [] }) => files).sort((a, b) => b.ms - a.ms)
  return files
    .slice(0, most)
    .map(({ path, ms }) => `  ${(ms / 1000).toFixed(1).padStart(6)} s  ${path}`)
    .join('\n')
}

/** @param {string | undefined} error */
export const firstLine = (error) => (plain(error).split('\n')[0] ?? '').slice(0, 300)

const plain = (/** @type {string | undefined} */ text) => stripVTControlCharacters(text ?? 'nothing was said')
