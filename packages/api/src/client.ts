/** The entry for the dashboard: types alone, nothing of the server comes through it. */
export type { AppRouter } from './router.ts'
