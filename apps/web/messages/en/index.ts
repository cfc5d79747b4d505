import bulk from './bulk.json'
import containerDialogs from './container-dialogs.json'
import container from './container.json'
import dialogs from './dialogs.json'
import { frameMessages } from './frame.ts'
import host from './host.json'
import hostDialogs from './host-dialogs.json'
import images from './images.json'
import json from './json.json'
import networkDialogs from './network-dialogs.json'
import networks from './networks.json'
import overview from './overview.json'
import ports from './ports.json'
import run from './run.json'
import setup from './setup.json'
import signIn from './sign-in.json'
import volumeDialogs from './volume-dialogs.json'
import volumeFiles from './volume-files.json'
import volumes from './volumes.json'

/** Every text of the dashboard in English, a file a namespace. */
export const messages = {
  ...frameMessages,
  bulk,
  container,
  containerDialogs,
  dialogs,
  host,
  hostDialogs,
  images,
  json,
  networkDialogs,
  networks,
  overview,
  ports,
  run,
  setup,
  signIn,
  volumeDialogs,
  volumeFiles,
  volumes,
}
