import { defineErrors } from './define-errors.ts'

/** Networks and published ports. */
export const networkErrors = defineErrors({
  'port.taken': {
    code: 'CONFLICT',
    sentence: '{place} of this host is taken by {holder}. Choose another port, or stop what holds it.',
  },
})
