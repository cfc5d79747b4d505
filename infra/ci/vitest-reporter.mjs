import { writeFileSync } from 'node:fs'
import { contractEntries } from './contract-table.mjs'
import { firstLine } from './counts.mjs'

/**
 * Writes what one run counted to `$FLOTILLA_TEST_REPORT`, with the reason of each skipped test, those that passed only when they
 * were tried again, and what the contract suite did.
 */
export default class CountingReporter {
  /**
   * @param {ReadonlyArray<import('vitest/node').TestModule>} modules
   * @param {ReadonlyArray<unknown>} unhandled errors outside of any test
   */
  onTestRunEnd(modules, unhandled) {
    const report = {
      passed: 0,
      failed: unhandled.length,
      skipped: /** @type {string[]} */ ([]),
      again: /** @type {string[]} */ ([]),
      failures: unhandled.map((error) => ({ name: 'outside of any test', error: messageOf(error) })),
      files: modules.map((module) => ({
        path: module.relativeModuleId,
        ms: Math.round(module.diagnostic().duration),
      })),
      contract: contractEntries(modules),
    }
    for (const module of modules) {
      // A file that could not be loaded has no tests; it failed all the same.
      if (module.errors().length > 0) {
        report.failed += 1
        report.failures.push({ name: module.relativeModuleId, error: messageOf(module.errors()[0]) })
      }
      for (const test of module.children.allTests()) {
        const result = test.result()
        if ((test.diagnostic()?.retryCount ?? 0) > 0 && result.state === 'passed')
          report.again.push(`${test.fullName} (${firstLine(messageOf(result.errors?.[0]))})`)
        if (result.state === 'passed') report.passed += 1
        else if (result.state === 'failed') {
          report.failed += 1
          report.failures.push({ name: test.fullName, error: messageOf(result.errors.at(-1)) })
        } else if (result.state === 'skipped')
          report.skipped.push(`${test.fullName} (${result.note ?? 'no reason given'})`)
        else report.failed += 1
      }
    }
    const path = process.env['FLOTILLA_TEST_REPORT']
    if (path !== undefined) writeFileSync(path, JSON.stringify(report))
  }
}

/** @param {unknown} error what was thrown, which is not always an error */
function messageOf(error) {
  const { message } = /** @type {{ message?: unknown }} */ (error ?? {})
  return typeof message === 'string' ? message : String(error)
}
