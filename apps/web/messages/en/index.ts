import { frameMessages } from './frame.ts'
import * as pages from './pages.ts'

/** Every text of the dashboard in English, a file a namespace. */
export const messages = { ...frameMessages, ...pages }
