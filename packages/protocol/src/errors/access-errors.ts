import { defineErrors } from './define-errors.ts'

/** Who may do what: sign-in, roles, people and keys. */
export const accessErrors = defineErrors({
  'access.lacking': {
    code: 'PERMISSION_DENIED',
    sentence: 'Your role ({role}) does not have the right {permission}. Ask an owner or admin for it.',
  },
  'access.lackingPrivilege': {
    code: 'PERMISSION_DENIED',
    sentence: 'Your role ({role}) does not allow {reasons}. Ask an owner or admin.',
  },
  'access.needsRight': { code: 'PERMISSION_DENIED', sentence: 'This needs the right {permission}.' },
  'access.needsAdmin': { code: 'PERMISSION_DENIED', sentence: 'Only owners and admins may use {reasons}.' },
  'access.reachesHost': {
    code: 'PERMISSION_DENIED',
    sentence:
      'The container {name} reaches its host ({reasons}), so that commands and terminals in it take the right {permission} as well. Ask an owner or admin.',
  },
  'access.otherObject': { code: 'PERMISSION_DENIED', sentence: 'This call was allowed for another object.' },
  'access.manySignIns': {
    code: 'RESOURCE_EXHAUSTED',
    sentence: 'Too many people sign in at this moment. Try again in some seconds.',
  },
  'access.failedAttempts': { code: 'RESOURCE_EXHAUSTED', sentence: 'Too many failed attempts. Try again in {time}.' },
  'access.signedOut': { code: 'UNAUTHENTICATED', sentence: 'You are no longer signed in.' },
  'access.signInFirst': { code: 'UNAUTHENTICATED', sentence: 'Sign in first.' },
  'access.unknownCaller': { code: 'UNAUTHENTICATED', sentence: 'Sign in first, or send an API key.' },
  'access.keyMakesNoKey': {
    code: 'PERMISSION_DENIED',
    sentence: 'An API key cannot make another. Sign in to make one.',
  },
  'access.ownersOnly': { code: 'PERMISSION_DENIED', sentence: 'Only an owner may make, change or remove owners.' },
  'access.keyMakesNoOwner': {
    code: 'PERMISSION_DENIED',
    sentence: 'An API key cannot make owners. Sign in to make one.',
  },
  'access.signInAgain': {
    code: 'PERMISSION_DENIED',
    sentence: 'This takes a sign-in of the last {minutes} minutes. Give your password again.',
  },
  'access.noPerson': { code: 'NOT_FOUND', sentence: 'There is no such person here.' },
  'access.setupSpent': {
    code: 'PERMISSION_DENIED',
    sentence: 'This set-up link was used already or has expired. Start Flotilla again for a new one, or sign in.',
  },
  'access.lastOwner': { code: 'CONFLICT', sentence: 'This is the last owner. Make somebody else an owner first.' },
  'access.emailTaken': {
    code: 'ALREADY_EXISTS',
    sentence: 'There is already somebody with the e-mail address {email}.',
  },
  'access.noKey': { code: 'NOT_FOUND', sentence: 'There is no such key.' },
  'access.wrongPassword': { code: 'UNAUTHENTICATED', sentence: 'The e-mail address or the password is wrong.' },
  'admin.passwordLength': { code: 'INVALID_ARGUMENT', sentence: 'The password must have 10 to 128 characters.' },
  'admin.noSuchPerson': { code: 'NOT_FOUND', sentence: 'There is nobody with the e-mail address {email}.' },
})
