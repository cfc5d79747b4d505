import { defineErrors } from './define-errors.ts'

/**
 * What may be wrong with an input, of its first field that is. `field` is the path to it with dots, or `input` for all of it; limits
 * and forms are parameters, so that each language says them in its own words.
 */
export const inputErrors = defineErrors({
  'input.missing': { code: 'INVALID_ARGUMENT', sentence: '{field} is missing.' },
  'input.unknownField': { code: 'INVALID_ARGUMENT', sentence: 'There is no field {field}.' },
  'input.wrongType': { code: 'INVALID_ARGUMENT', sentence: '{field} must be of the type {expected}.' },
  'input.notOneOf': { code: 'INVALID_ARGUMENT', sentence: '{field} must be one of {values}.' },
  'input.wrongFormat': { code: 'INVALID_ARGUMENT', sentence: '{field} must have the form {format}.' },
  'input.wrongForms': { code: 'INVALID_ARGUMENT', sentence: '{field} has none of the forms that it may have.' },
  'input.tooShort': { code: 'INVALID_ARGUMENT', sentence: '{field} must have at least {least} characters.' },
  'input.tooLong': { code: 'INVALID_ARGUMENT', sentence: '{field} must have at most {most} characters.' },
  'input.tooFew': { code: 'INVALID_ARGUMENT', sentence: '{field} must have at least {least} entries.' },
  'input.tooMany': { code: 'INVALID_ARGUMENT', sentence: '{field} must have at most {most} entries.' },
  'input.tooSmall': { code: 'INVALID_ARGUMENT', sentence: '{field} must be at least {least}.' },
  'input.tooBig': { code: 'INVALID_ARGUMENT', sentence: '{field} must be at most {most}.' },
  'input.notAbove': { code: 'INVALID_ARGUMENT', sentence: '{field} must be more than {least}.' },
  'input.notBelow': { code: 'INVALID_ARGUMENT', sentence: '{field} must be less than {most}.' },
  'input.noMultiple': { code: 'INVALID_ARGUMENT', sentence: '{field} must be a multiple of {step}.' },
  'input.refused': { code: 'INVALID_ARGUMENT', sentence: '{field} is not valid.' },
  'input.badCharacters': {
    code: 'INVALID_ARGUMENT',
    sentence: '{field} must not hold a NUL byte or half a character.',
  },
  'input.severalLines': { code: 'INVALID_ARGUMENT', sentence: '{field} must be one line of text.' },
  'input.tooManyBytes': { code: 'INVALID_ARGUMENT', sentence: '{field} must be at most 1 MiB.' },
  'input.badName': {
    code: 'INVALID_ARGUMENT',
    sentence: '{field} must start with a letter or digit, then letters, digits, _ . or -.',
  },
  'input.badOperationId': {
    code: 'INVALID_ARGUMENT',
    sentence: '{field} must be 8 to 64 letters, digits, - or _.',
  },
  'input.badLabelName': {
    code: 'INVALID_ARGUMENT',
    sentence:
      '{field} is no name of a label: that is up to 63 letters, digits, -, _ and ., with a letter or digit at either end; a domain and a slash may stand before it.',
  },
  'input.badLabelValue': {
    code: 'INVALID_ARGUMENT',
    sentence: '{field} must be empty, or up to 63 letters, digits, -, _ and ., with a letter or digit at either end.',
  },
  'input.badGroup': {
    code: 'INVALID_ARGUMENT',
    sentence: '{field} must be up to 63 letters, digits, -, _ and ., with a letter or digit at either end.',
  },
  'input.noAbsolutePath': { code: 'INVALID_ARGUMENT', sentence: '{field} must be an absolute path.' },
  'input.badLogTime': {
    code: 'INVALID_ARGUMENT',
    sentence:
      '{field} must be a time with its offset such as 2026-01-31T12:00:00+02:00, a duration such as 10m, or seconds since 1970.',
  },
  'input.noProgram': { code: 'INVALID_ARGUMENT', sentence: '{field} must begin with the name of a program.' },
  'input.leadsUp': { code: 'INVALID_ARGUMENT', sentence: '{field} must not hold "..".' },
  'input.badHostName': { code: 'INVALID_ARGUMENT', sentence: '{field} must be a host name.' },
  'input.badVariable': { code: 'INVALID_ARGUMENT', sentence: '{field} must be a name without "=".' },
  'input.badSignal': { code: 'INVALID_ARGUMENT', sentence: '{field} must be a signal such as TERM or 15.' },
  'input.badCapability': { code: 'INVALID_ARGUMENT', sentence: '{field} must be a capability such as NET_ADMIN.' },
  'input.badHostKey': {
    code: 'INVALID_ARGUMENT',
    sentence: '{field} must be SHA256: and the key as ssh-keygen -lf prints it.',
  },
})
