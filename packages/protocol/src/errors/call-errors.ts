import { defineErrors } from './define-errors.ts'

/** What can befall any call. */
export const callErrors = defineErrors({
  'input.invalid': { code: 'INVALID_ARGUMENT', sentence: 'The input is not valid. {issues}.' },
  'call.failed': {
    code: 'INTERNAL',
    sentence: 'Something went wrong inside Flotilla. The log has the detail.',
  },
  'call.cancelled': { code: 'CANCELLED', sentence: 'The call was cancelled.' },
})
