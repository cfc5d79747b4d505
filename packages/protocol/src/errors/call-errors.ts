import { defineErrors } from './define-errors.ts'

/** What can befall any call. */
export const callErrors = defineErrors({
  'call.failed': { code: 'INTERNAL', sentence: 'Something went wrong inside Flotilla. The log has the detail.' },
  'call.usage': { code: 'INVALID_ARGUMENT', sentence: '{usage}' },
  'call.cancelled': { code: 'CANCELLED', sentence: 'The call was cancelled.' },
  'call.slowHost': { code: 'TIMEOUT', sentence: 'The host did not answer in time. Try again.' },
  'operation.notFound': { code: 'NOT_FOUND', sentence: 'There is no such operation.' },
  'operation.idTaken': { code: 'CONFLICT', sentence: 'This operation id was used for something else. Use a new one.' },
  'operation.answerTooLong': {
    code: 'NOT_FOUND',
    sentence: 'This was done. Its answer was too long to be kept; list what there is now to see what it came to.',
  },
  'operation.objectGone': { code: 'NOT_FOUND', sentence: 'This was done, and what it was about is gone since.' },
  'operation.tooLong': { code: 'TIMEOUT', sentence: 'The operation took longer than two hours.' },
  'operation.cancelled': { code: 'CANCELLED', sentence: 'The operation was cancelled.' },
  'operation.tryAgainSoon': { code: 'UNAVAILABLE', sentence: 'The control plane is being stopped. Ask again soon.' },
  'operation.actorGone': { code: 'PERMISSION_DENIED', sentence: '{name} is not here any more.' },
  'operation.actorLacks': {
    code: 'PERMISSION_DENIED',
    sentence: '{name} does not have the right {permission} for this.',
  },
  'operation.typedLogin': {
    code: 'UNAUTHENTICATED',
    sentence: 'The user name and password of the registry were typed in and are not kept. Enter them again.',
  },
  'operation.platformStopping': { code: 'UNAVAILABLE', sentence: 'The control plane is being stopped.' },
  'operation.unreadable': {
    code: 'CONFLICT',
    sentence: 'What this operation was asked for cannot be read any more. Ask for it anew.',
  },
  'operation.leasedElsewhere': { code: 'CONFLICT', sentence: 'Another control plane goes on with this operation.' },
  'operation.cancelledEarly': { code: 'CANCELLED', sentence: 'The operation was cancelled before its end.' },
  'operation.partlyFailed': { code: 'INTERNAL', sentence: '{failed} of {all} failed. The first said: {first}' },
  'watch.behind': {
    code: 'RESOURCE_EXHAUSTED',
    sentence: 'The watcher fell too far behind. Read the lists and watch again.',
  },
})
