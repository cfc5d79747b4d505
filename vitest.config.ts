import { defineConfig } from 'vitest/config'
import LongestFirst from './infra/ci/longest-first.mjs'

const tests = ['packages/*/src/**/*.test.{ts,tsx}', 'apps/*/src/**/*.test.{ts,tsx}', 'infra/**/*.test.ts']
const engineTests = [
  'packages/*/src/**/*.engine.test.ts',
  'apps/*/src/**/*.engine.test.ts',
  'infra/**/*.engine.test.ts',
]
const longTests = ['infra/**/*.long.test.ts']

/** A file's process lives for seconds: what the optimising compiler would make of Prisma's WebAssembly is never used. */
const brief = '--liftoff-only'
/** Fewer collections, where memory costs nothing: a fork copies the tables of all of it, so not where programs are started. */
const roomy = ['--min-semi-space-size=32', '--max-semi-space-size=64']

/** `unit` needs no daemon and no root; `engine` runs real containers, as root. */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    reporters: ['default', './infra/ci/contract-table.mjs'],
    projects: [
      {
        test: {
          name: 'unit',
          execArgv: [brief, ...roomy],
          include: tests,
          exclude: [...engineTests, ...longTests, '**/node_modules/**'],
          testTimeout: 20_000,
          // As for `engine`, below.
          retry: 1,
          maxConcurrency: 16,
          // The product keeps no state of modules: files of one worker share what they import.
          isolate: false,
          // Most of them wait for timers, sockets and children.
          maxWorkers: 5,
        },
      },
      {
        test: {
          name: 'engine',
          execArgv: [brief],
          include: engineTests,
          exclude: ['**/node_modules/**'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // As above: importing anew for each file takes two thirds of what vitest itself does here.
          isolate: false,
          // A third of their time is waiting for links that were cut, limits of time and ends.
          maxWorkers: 6,
          // For a machine that others load too; `npm test` names at its end what needed another try.
          retry: 1,
          maxConcurrency: 8,
        },
      },
      // Runs of `npm run test:long`.
      { test: { name: 'long', include: longTests, hookTimeout: 600_000, maxWorkers: 1 } },
    ],
  },
})
