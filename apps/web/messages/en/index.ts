import container from './container.json'
import { frameMessages } from './frame.ts'
import host from './host.json'
import images from './images.json'
import overview from './overview.json'
import run from './run.json'
import setup from './setup.json'
import signIn from './sign-in.json'
import volumes from './volumes.json'

/** Every text of the dashboard in English, a file a namespace. */
export const messages = { ...frameMessages, container, host, images, overview, run, setup, signIn, volumes }
