import { defineErrors } from './define-errors.ts'

/** What happens on a machine: its programs and its SSH server. */
export const hostErrors = defineErrors({
  'host.noFlock': { code: 'INTERNAL', sentence: 'The program flock cannot be started. Install util-linux.' },
  'host.namelessProgram': { code: 'INTERNAL', sentence: 'A program was to be started without a name.' },
  'host.programSlow': { code: 'TIMEOUT', sentence: '{program} did not end within {milliseconds} ms.' },
  'host.programTalks': { code: 'RESOURCE_EXHAUSTED', sentence: '{program} printed more than {bytes} bytes.' },
  'host.programFailed': { code: 'INTERNAL', sentence: '{program} failed with exit code {exitCode}.' },
  'host.programMissing': { code: 'NOT_FOUND', sentence: 'The program {program} is not installed on this host.' },
  'host.programNotStarted': { code: 'INTERNAL', sentence: 'The program {program} could not be started.' },
  'host.noPipe': { code: 'INTERNAL', sentence: 'A program was started without its pipes.' },
  'host.diskFull': {
    code: 'RESOURCE_EXHAUSTED',
    sentence:
      'There is not enough room on the disk of {folder}: {free} of {total} are free, and the last {floor} are left to what runs. ' +
      'Stop what fills it, and remove containers, images, volumes or files that are not needed, or enlarge it.',
  },
  'host.badReserve': {
    code: 'INVALID_ARGUMENT',
    sentence: 'FLOTILLA_RESERVE_BYTES must be a whole number of bytes, not {value}.',
  },
  'ssh.cancelled': { code: 'CANCELLED', sentence: 'The connection was cancelled.' },
  'ssh.otherKey': {
    code: 'PERMISSION_DENIED',
    sentence:
      'The SSH server of {host} has another key than the one that is pinned. If it was made anew, pin the new one.',
  },
  'ssh.refused': { code: 'PERMISSION_DENIED', sentence: 'The SSH server of {host} refused the login.' },
  'ssh.badKey': {
    code: 'INVALID_ARGUMENT',
    sentence: 'The private key cannot be read. Paste all of it, in OpenSSH or PEM form and without a passphrase.',
  },
  'ssh.unreachable': { code: 'UNAVAILABLE', sentence: '{host} cannot be reached over SSH: {why}.' },
})
