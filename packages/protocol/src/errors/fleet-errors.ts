import { defineErrors } from './define-errors.ts'

/** Hosts, agents and engines as the platform finds them. */
export const fleetErrors = defineErrors({
  'fleet.noSshAddress': { code: 'INVALID_ARGUMENT', sentence: 'The host {host} has no SSH address.' },
  'fleet.otherOrganisation': { code: 'CONFLICT', sentence: 'This host belongs to another organisation.' },
  'fleet.noEngine': { code: 'NOT_FOUND', sentence: 'The host {host} has no engine {engine}.' },
  'fleet.engineNotAllowed': {
    code: 'CONFLICT',
    sentence:
      'Another agent speaks for the engine {engine} of {host} already. An owner or admin has to allow this one to speak for it as well.',
  },
  'fleet.noSpanningEngine': {
    code: 'NOT_FOUND',
    sentence: 'The host {host} has no engine {engine} that spans machines.',
  },
  'fleet.nothingCan': { code: 'UNSUPPORTED', sentence: 'Nothing on the host {host} can do this: {why}.' },
  'fleet.optionUnknown': {
    code: 'UNSUPPORTED',
    sentence: 'The agent of the host {host} (version {version}) does not know {option}. Update it, or leave that out.',
  },
  'fleet.noHost': { code: 'NOT_FOUND', sentence: 'There is no host {ref}.' },
  'fleet.hostLinked': {
    code: 'CONFLICT',
    sentence: 'This host has a link already. A copy of its key may be in use elsewhere.',
  },
  'fleet.hostLeased': { code: 'CONFLICT', sentence: 'Another control plane holds the link of this host.' },
  'fleet.noSuchHost': { code: 'NOT_FOUND', sentence: 'There is no such host.' },
  'fleet.hostAway': { code: 'UNAVAILABLE', sentence: 'The host {host} cannot be reached: {reason}' },
  'fleet.noObject': { code: 'NOT_FOUND', sentence: 'There is no {kind} {ref}.' },
  'fleet.hostTooLarge': {
    code: 'RESOURCE_EXHAUSTED',
    sentence:
      'Its containers and images say more of themselves than Flotilla holds of one host. Remove some, or their labels.',
  },
  'fleet.notUnderstood': {
    code: 'INTERNAL',
    sentence: "The host's agent told of something that this side does not understand. Update the older of the two.",
  },
  'fleet.ownHost': {
    code: 'CONFLICT',
    sentence: 'This is the host that Flotilla itself runs on; it cannot be removed.',
  },
  'fleet.cordoned': {
    code: 'CONFLICT',
    sentence:
      'The host {host} takes no new containers: {actor} cordoned it on {at}. Choose another host, or have an owner or admin uncordon it.',
  },
  'fleet.cordonedBecause': {
    code: 'CONFLICT',
    sentence:
      'The host {host} takes no new containers: {actor} cordoned it on {at}, because of: {reason}. Choose another host, or have an owner or admin uncordon it.',
  },
  'fleet.badSelector': {
    code: 'INVALID_ARGUMENT',
    sentence: 'Hosts are named as group:NAME, label:KEY or label:KEY=VALUE.',
  },
  'fleet.noneInGroup': { code: 'NOT_FOUND', sentence: 'No host is in the group {name}.' },
  'fleet.noneWithLabel': { code: 'NOT_FOUND', sentence: 'No host has the label {label}.' },
  'fleet.changedMeanwhile': {
    code: 'CONFLICT',
    sentence: 'This {kind} was changed meanwhile. Look at it again, and make your change anew.',
  },
  'fleet.notUnique': { code: 'CONFLICT', sentence: 'There is a {kind} {name} already. Choose another name.' },
  'fleet.nameTaken': {
    code: 'ALREADY_EXISTS',
    sentence: 'The name {name} is taken on this host by something that you may not use. Choose another name.',
  },
  'fleet.noKind': { code: 'NOT_FOUND', sentence: 'There is no {kind} here.' },
  'fleet.ambiguous': { code: 'CONFLICT', sentence: '{ref} means several {kind}s: {candidates}. Use a whole id.' },
  'agent.socketPathTooLong': {
    code: 'INVALID_ARGUMENT',
    sentence: 'The socket path {path} is too long. Set FLOTILLA_RUN_DIR to a short one.',
  },
  'agent.socketTaken': { code: 'CONFLICT', sentence: 'Another program already listens on {path}.' },
  'agent.folderTaken': {
    code: 'CONFLICT',
    sentence: 'Another agent uses {folder}. Stop it first, or choose another folder.',
  },
  'agent.badKey': {
    code: 'INTERNAL',
    sentence:
      'The key of this agent in {path} cannot be read. Restore the file, or move it away and have this host join again: ' +
      'with a new key its platforms do not know it.',
  },
  'agent.badPlatforms': {
    code: 'INTERNAL',
    sentence:
      'The list of platforms that this host has joined, {path}, cannot be read. Restore the file, or move it away and ' +
      'have this host join again.',
  },
  'agent.stopping': { code: 'UNAVAILABLE', sentence: 'The agent is being stopped.' },
  'agent.silent': {
    code: 'UNAVAILABLE',
    sentence: 'The agent of this machine does not answer on {path}. Is it running?',
  },
  'agent.noEngine': {
    code: 'INVALID_ARGUMENT',
    sentence:
      'FLOTILLA_ENGINES names {engine}, which is no engine. Name those to look for with commas between: {known}.',
  },
  'engine.silent': {
    code: 'UNAVAILABLE',
    sentence:
      '{engine} is there, but not answering since {since}. Check its service on the host; it is back as soon as it answers.',
  },
  'engine.starting': {
    code: 'UNAVAILABLE',
    sentence: '{engine} is still taking over what an earlier agent left on the host. Try again in a moment.',
  },
  'engine.notStarted': {
    code: 'UNAVAILABLE',
    sentence: '{engine} could not be started on the host, which is tried again by itself: {message}',
  },
  'engine.lacks': { code: 'UNSUPPORTED', sentence: '{reason}' },
  'engine.notForObject': { code: 'UNSUPPORTED', sentence: '{name} does not allow this: {reason}' },
})
