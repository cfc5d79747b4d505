// The long texts of its pages and dialogs.
export { default as networkDialogs } from '../network-dialogs.json'
export { default as networks } from '../networks.json'
export { default as ports } from '../ports.json'
