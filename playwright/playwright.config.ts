import { defineConfig } from '@playwright/test'
import { look } from './lib/look.ts'
import { chromiumLaunch } from '@flotilla/testkit/browser/chromium'

/** The dashboard in Chromium on real containers: one platform for all specs but those that start their own. */
export default defineConfig({
  testDir: 'tests',
  outputDir: 'results',
  globalSetup: './global-setup.ts',
  // Each has a browser and a platform of its own; much of a test is waiting, so three of them fill two cores. They begin with
  // what lies in tests/ahead: with platforms of their own and with long waits, which at the end one worker would sit through alone.
  workers: 3,
  // What is marked so is for the long run alone, which `npm test` names.
  ...(process.env['FLOTILLA_LONG'] === '1' ? {} : { grepInvert: /@long/ }),
  forbidOnly: process.env['CI'] !== undefined,
  // For a machine that others load too; `npm test` names at its end what needed another try.
  retries: 1,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    ...{ viewport: look.viewport, colorScheme: look.colorScheme },
    contextOptions: { reducedMotion: look.reducedMotion },
    // A test begins with no page, cookie or storage of the one before; what costs is a browser's memory of the scripts.
    reuseContext: true,
    actionTimeout: 15_000,
    navigationTimeout: 15_000,
    screenshot: 'only-on-failure',
    // Recorded for every test it would take a third of the time; `--trace on` for the one that is looked into.
    trace: 'off',
    // Fewer processes draw and run the same pages. What V8's optimizing compilers cost, a page that lives for seconds never gets back.
    launchOptions: {
      ...chromiumLaunch,
      args: [...chromiumLaunch.args, '--in-process-gpu', '--process-per-site', '--js-flags=--no-opt --no-maglev'],
    },
  },
})
