import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout's folder. */
export const root = fileURLToPath(new URL('../../../../', import.meta.url))

/** The built dashboard that the tests look at; another folder than the usual where somebody says so. */
export const dashboard = process.env['FLOTILLA_TEST_DASHBOARD'] ?? join(root, 'apps/web/out')
