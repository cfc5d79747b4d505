import { defineErrors } from './define-errors.ts'

/** The runtime under the containers. */
export const runtimeErrors = defineErrors({
  'runtime.badSeccomp': {
    code: 'UNAVAILABLE',
    sentence: 'The seccomp profile of this host cannot be read. Reinstall the package golang-github-containers-common.',
  },
  'runtime.noSeccomp': {
    code: 'UNAVAILABLE',
    sentence:
      'There is no seccomp profile at {path}, and containers are not started without one. Install the package golang-github-containers-common.',
  },
  'runtime.seccompArchitecture': {
    code: 'UNSUPPORTED',
    sentence:
      'The seccomp profile cannot be applied on the architecture {architecture}, and containers are not started without it.',
  },
  'runtime.unusable': { code: 'UNAVAILABLE', sentence: 'runc cannot be used: {reason}' },
  'runtime.cancelled': { code: 'CANCELLED', sentence: 'The call was cancelled while the container was being made.' },
  'runtime.slow': { code: 'TIMEOUT', sentence: 'The runtime did not answer within {milliseconds} ms.' },
  'runtime.conmonUnread': { code: 'INTERNAL', sentence: 'conmon could not be read.' },
  'runtime.conmonNotStarted': { code: 'UNAVAILABLE', sentence: 'conmon could not be started. Is it installed?' },
  'runtime.programMissing': {
    code: 'UNAVAILABLE',
    sentence: 'The program {program} is not installed on this host. Install the package {program}.',
  },
  'runtime.diskFull': { code: 'RESOURCE_EXHAUSTED', sentence: 'The disk is full. Free some space and try again.' },
  'runtime.failed': { code: 'INTERNAL', sentence: 'The runtime failed: {message}' },
})
