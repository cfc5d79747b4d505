export { type Pair, type Transport, transports } from './transports.ts'
