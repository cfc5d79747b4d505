export { Command } from 'cmdk'
