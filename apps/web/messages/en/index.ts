import container from './container.json'
import { frameMessages } from './frame.ts'
import images from './images.json'
import run from './run.json'

/** Every text of the dashboard in English, a file a namespace. */
export const messages = { ...frameMessages, container, images, run }
