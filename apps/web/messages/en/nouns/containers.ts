// The long texts of its pages and dialogs.
export { default as containerDialogs } from '../container-dialogs.json'
export { default as container } from '../container.json'
