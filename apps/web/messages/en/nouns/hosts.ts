// The long texts of its pages and dialogs.
export { default as host } from '../host.json'
export { default as hostDialogs } from '../host-dialogs.json'
