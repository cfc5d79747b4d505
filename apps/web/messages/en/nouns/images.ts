// The long texts of its pages and dialogs.
export { default as images } from '../images.json'
