import { defineErrors } from './define-errors.ts'

/** What the Docker daemon does. */
export const dockerErrors = defineErrors({
  'docker.outOfSight': {
    code: 'UNSUPPORTED',
    sentence:
      'This Docker daemon runs its containers out of the agent’s sight: on another machine, or in a process namespace of its own.',
  },
  'docker.slow': { code: 'TIMEOUT', sentence: 'The Docker daemon did not answer in time.' },
  'docker.silent': {
    code: 'UNAVAILABLE',
    sentence: 'The Docker daemon does not answer. Check that it runs on this host.',
  },
  'docker.notUnderstood': {
    code: 'INTERNAL',
    sentence: 'The Docker daemon gave an answer that Flotilla does not understand.',
  },
  'docker.failed': { code: 'INTERNAL', sentence: 'The Docker daemon failed.' },
  'docker.endlessLine': { code: 'INTERNAL', sentence: 'The Docker daemon sent an endless line.' },
  'docker.badFrames': { code: 'INTERNAL', sentence: 'The Docker daemon sent output that is not in its own format.' },
  'docker.notRead': { code: 'INTERNAL', sentence: 'Docker failed to read it: {message}' },
  'docker.portTaken': {
    code: 'CONFLICT',
    sentence:
      'A published port is already taken on the host. Choose another one or stop what holds it. (Docker: {words})',
  },
  'docker.diskFull': { code: 'RESOURCE_EXHAUSTED', sentence: 'The host has no disk space left. (Docker: {words})' },
  'docker.noCommand': {
    code: 'INVALID_ARGUMENT',
    sentence: 'The command is not in the image. Check its spelling or give another one. (Docker: {words})',
  },
  'docker.noStorageQuota': {
    code: 'UNSUPPORTED',
    sentence: 'Docker’s storage here limits no container: {words}. Mount its xfs with pquota, or leave the limit out.',
  },
  'docker.noUser': {
    code: 'INVALID_ARGUMENT',
    sentence: 'The image does not know that user or group. Give one of its own, or a number. (Docker: {words})',
  },
  'docker.noCommandGiven': {
    code: 'INVALID_ARGUMENT',
    sentence: 'The image has no command of its own. Give one. (Docker: {words})',
  },
  'docker.noImage': {
    code: 'NOT_FOUND',
    sentence: 'The registry has no such image or tag. Check the reference. (Docker: {words})',
  },
  'docker.refusedLogin': {
    code: 'UNAUTHENTICATED',
    sentence:
      'The registry refused the login, or the image does not exist. Check the credentials and the reference. (Docker: {words})',
  },
  'docker.noRegistry': {
    code: 'UNAVAILABLE',
    sentence: 'The registry could not be reached. Check its name and the network, then try again. (Docker: {words})',
  },
  'docker.invalid': { code: 'INVALID_ARGUMENT', sentence: 'Docker refused: {words}.' },
  'docker.unauthenticated': { code: 'UNAUTHENTICATED', sentence: 'Docker refused: {words}.' },
  'docker.denied': { code: 'PERMISSION_DENIED', sentence: 'Docker refused: {words}.' },
  'docker.notFound': { code: 'NOT_FOUND', sentence: 'Docker refused: {words}.' },
  'docker.conflict': { code: 'CONFLICT', sentence: 'Docker refused: {words}.' },
  'docker.unsupported': { code: 'UNSUPPORTED', sentence: 'Docker refused: {words}.' },
  'docker.unavailable': { code: 'UNAVAILABLE', sentence: 'Docker refused: {words}.' },
  'docker.refused': { code: 'INTERNAL', sentence: 'Docker refused: {words}.' },
  'docker.noMountSource': {
    code: 'INVALID_ARGUMENT',
    sentence:
      'The host has nothing at a path that is to be mounted. Make it first, or mount another path. (Docker: {words})',
  },
  'docker.writableInside': {
    code: 'INVALID_ARGUMENT',
    sentence:
      '{source} cannot be mounted read-only: {inside} is mounted inside of it and would be writable, which takes Docker Engine 25 and Linux 5.12 to prevent.',
  },
  'docker.volumesOutOfSight': {
    code: 'UNSUPPORTED',
    sentence:
      'This Docker daemon keeps its volumes out of the agent’s sight: on another machine, or in a file system of its own.',
  },
  'docker.noHelper': {
    code: 'UNSUPPORTED',
    sentence:
      'The files of {name} are its driver’s: they are reached through a container, for which Flotilla has no program for the processor {processor}.',
  },
  'docker.helpersBusy': {
    code: 'UNAVAILABLE',
    sentence:
      'Files of too many volumes are being read or written through containers, or a driver does not answer. Try again.',
  },
  'docker.volumeForgets': {
    code: 'CONFLICT',
    sentence:
      '{name} is kept in memory while a running container mounts it, and none does: a file would be gone at once. Start one first.',
  },
  'docker.noNetworkDriver': {
    code: 'UNSUPPORTED',
    sentence: 'Docker on this host makes no network with the driver {driver}. Choose another one. (Docker: {words})',
  },
  'docker.hostFolder': {
    code: 'PERMISSION_DENIED',
    sentence:
      'By its options the volume {name} is a folder or disk of the host. Only owners and admins may mount it or reach its files.',
  },
  'docker.ownLabel': { code: 'INVALID_ARGUMENT', sentence: 'The label {label} is Flotilla’s own. Give another one.' },
})
