import { defineErrors } from './define-errors.ts'

/** What happens on the link between the two sides, and at its joining. */
export const linkErrors = defineErrors({
  'link.unavailable': { code: 'UNSUPPORTED', sentence: '"{method}" is not available on this host.' },
  'link.notUnderstood': {
    code: 'INTERNAL',
    sentence: "The host's agent answered with something this side does not understand. Update the older of the two.",
  },
  'link.early': { code: 'INTERNAL', sentence: 'The link was used before its first exchange.' },
  'link.closedHere': { code: 'CANCELLED', sentence: 'The link was closed by this side.' },
  'link.noService': { code: 'NOT_FOUND', sentence: 'This host has no engine or service "{service}".' },
  'link.noMethod': { code: 'UNSUPPORTED', sentence: `This host's agent does not know "{method}". Update the agent.` },
  'link.noInput': { code: 'INVALID_ARGUMENT', sentence: 'A call must begin with its input.' },
  'link.bytesOnly': { code: 'INVALID_ARGUMENT', sentence: 'An upload takes bytes only.' },
  'link.unread': {
    code: 'RESOURCE_EXHAUSTED',
    sentence: 'The other side of the link does not read: {bytes} bytes wait.',
  },
  'link.lostInCall': { code: 'UNAVAILABLE', sentence: 'The link was lost in the middle of a call.' },
  'link.manyLarge': {
    code: 'RESOURCE_EXHAUSTED',
    sentence: 'Too many large messages are under way on the link. Try again.',
  },
  'link.sentWrong': { code: 'INVALID_ARGUMENT', sentence: 'The other side of the link sent {what}.' },
  'link.tooLarge': {
    code: 'RESOURCE_EXHAUSTED',
    sentence: 'A message of {length} bytes is larger than the link takes ({most}). Ask for less at once.',
  },
  'link.notJson': { code: 'INVALID_ARGUMENT', sentence: 'A message on the link is not JSON.' },
  'link.tooDeep': { code: 'INVALID_ARGUMENT', sentence: 'A message on the link is nested deeper than {most} levels.' },
  'link.versions': {
    code: 'UNSUPPORTED',
    sentence:
      'The {ours} ({ourVersion}) speaks protocol {ourRange} and the {theirs} ({theirVersion}) {theirRange}. Update the {older}.',
  },
  'link.saidNothing': { code: 'TIMEOUT', sentence: 'The other side opened a link and said nothing.' },
  'link.noHello': { code: 'INVALID_ARGUMENT', sentence: 'The first exchange was left out.' },
  'link.namelessCancel': { code: 'INVALID_ARGUMENT', sentence: 'A cancel must name its call.' },
  'link.callerCancelled': { code: 'CANCELLED', sentence: 'The caller cancelled the call.' },
  'link.manyStreams': {
    code: 'RESOURCE_EXHAUSTED',
    sentence: 'The host has {limit} streams open already. Close some logs or terminals and try again.',
  },
  'link.callerGone': { code: 'CANCELLED', sentence: 'The caller has gone.' },
  'link.slow': { code: 'TIMEOUT', sentence: 'The host did not answer in time.' },
  'link.silent': { code: 'UNAVAILABLE', sentence: 'The other side of the link does not answer any more.' },
  'link.cutOff': { code: 'UNAVAILABLE', sentence: 'The link was cut off.' },
  'link.closedThere': { code: 'UNAVAILABLE', sentence: 'The other side closed the link.' },
  'link.endedThere': { code: 'UNAVAILABLE', sentence: 'The other side ended the link.' },
  'link.broke': { code: 'UNAVAILABLE', sentence: 'The link broke.' },
  'link.openingCancelled': { code: 'CANCELLED', sentence: 'Opening the link was cancelled.' },
  'link.proofSlow': { code: 'TIMEOUT', sentence: 'The other side did not prove who it is in time.' },
  'link.notTrusted': {
    code: 'PERMISSION_DENIED',
    sentence: 'The other side of the link does not know the key of this side.',
  },
  'link.noKey': { code: 'PERMISSION_DENIED', sentence: 'The other side of the link showed no key.' },
  'link.unknownKey': {
    code: 'PERMISSION_DENIED',
    sentence:
      'The other side of the link has a key that is not known here ({fingerprint}). If it was made anew, join it again.',
  },
  'link.unproved': { code: 'UNAVAILABLE', sentence: 'The link broke before both sides had proved who they are.' },
  'link.lost': { code: 'UNAVAILABLE', sentence: 'The link to the host was lost before the answer came.' },
  'link.sentText': { code: 'INVALID_ARGUMENT', sentence: 'The other side of the link sent text.' },
  'link.socketNotOpen': { code: 'UNAVAILABLE', sentence: 'The WebSocket is not open.' },
  'link.socketClosed': { code: 'UNAVAILABLE', sentence: 'The WebSocket under the link is closed.' },
  'join.unreachable': { code: 'UNAVAILABLE', sentence: '{url} cannot be reached: {why}.' },
  'join.refused': { code: 'PERMISSION_DENIED', sentence: '{url} refused this host ({status}). Make a new token.' },
  'join.unknownAgent': {
    code: 'PERMISSION_DENIED',
    sentence: 'This agent is not known here. Join it with a new token.',
  },
  'join.linkedAlready': {
    code: 'CONFLICT',
    sentence: 'The host {host} has a link already; its key may have been copied.',
  },
  'join.removedAgent': {
    code: 'NOT_FOUND',
    sentence: 'This agent is not known here: its host was removed, or never joined.',
  },
  'join.tokenSpent': { code: 'PERMISSION_DENIED', sentence: 'The join token was used already or has expired.' },
  'join.noToken': { code: 'NOT_FOUND', sentence: 'There is no such join token.' },
  'join.badToken': {
    code: 'INVALID_ARGUMENT',
    sentence: 'This is not a join token. Copy the whole one from the dashboard.',
  },
  'join.removed': {
    code: 'PERMISSION_DENIED',
    sentence:
      'This host was removed from {url} and dials it no more; its containers go on. Join it again with a new token.',
  },
})
