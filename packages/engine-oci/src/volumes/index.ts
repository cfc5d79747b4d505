export { createVolumeHandlers, volumeAbsences } from './create-volume-handlers.ts'
export * from './volume-record.ts'
export * from './volume-parts.ts'
export { Volumes } from './volumes.ts'
