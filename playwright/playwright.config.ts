import { defineConfig } from '@playwright/test'
import { chromiumLaunch } from '@flotilla/testkit/browser/chromium'

/** The dashboard in Chromium on real containers: one platform for all specs but those that start their own. */
export default defineConfig({
  testDir: 'tests',
  outputDir: 'results',
  globalSetup: './global-setup.ts',
  // Each has a browser and a platform of its own; much of a test is waiting, so two of them fill two cores.
  workers: 2,
  // What is marked so is for the long run alone, which `npm test` names.
  ...(process.env['FLOTILLA_LONG'] === '1' ? {} : { grepInvert: /@long/ }),
  forbidOnly: process.env['CI'] !== undefined,
  // For a machine that others load too; `npm test` names at its end what needed another try.
  retries: 1,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    viewport: { width: 1440, height: 900 },
    colorScheme: 'dark',
    actionTimeout: 15_000,
    navigationTimeout: 15_000,
    screenshot: 'only-on-failure',
    // Recorded for every test it would take a third of the time; `--trace on` for the one that is looked into.
    trace: 'off',
    launchOptions: chromiumLaunch,
  },
})
