// The long texts of its pages and dialogs.
export { default as volumeDialogs } from '../volume-dialogs.json'
export { default as volumeFiles } from '../volume-files.json'
export { default as volumes } from '../volumes.json'
