import { defineErrors } from './define-errors.ts'

/** What a registry does. */
export const registryErrors = defineErrors({
  'registry.unknownName': {
    code: 'UNAVAILABLE',
    sentence: "There is no registry with the name {host}. Check its spelling and this host's DNS.",
  },
  'registry.unresolved': {
    code: 'UNAVAILABLE',
    sentence: "The name {host} could not be resolved. Check this host's DNS and network.",
  },
  'registry.nothingAnswers': {
    code: 'UNAVAILABLE',
    sentence: 'Nothing answers at the registry {host}. Check that it runs and its port.',
  },
  'registry.badCertificate': {
    code: 'UNAVAILABLE',
    sentence:
      'The certificate of the registry {host} is not valid for it. Let this host trust it, or correct the name.',
  },
  'registry.connectionFailed': {
    code: 'UNAVAILABLE',
    sentence: 'The connection to the registry {host} failed. Try again; if it stays so, check the network between.',
  },
  'registry.noConnection': {
    code: 'TIMEOUT',
    sentence:
      'The registry {host} does not take connections. Try again later; if it stays so, check the network and firewalls between.',
  },
  'registry.noAnswer': {
    code: 'TIMEOUT',
    sentence:
      'The registry {host} does not answer. Try again later; if it stays so, check the network and firewalls between.',
  },
  'registry.stoppedSending': {
    code: 'TIMEOUT',
    sentence:
      'The registry {host} stopped sending in the middle. Try again later; if it stays so, check the network and firewalls between.',
  },
  'registry.takesTooLong': {
    code: 'TIMEOUT',
    sentence:
      'The registry {host} did not bring the image in the time that its size allows, {minutes} min. Try again later; if it stays so, check the network and firewalls between.',
  },
  'registry.sendsSlowly': {
    code: 'TIMEOUT',
    sentence:
      'The registry {host} sends too slowly for anything to arrive. Try again later; if it stays so, check the network and firewalls between.',
  },
  'registry.refusedLogin': {
    code: 'UNAUTHENTICATED',
    sentence:
      'The registry {host} refused this user name and password. Check them; some registries want an access token as password.',
  },
  'registry.wantsLogin': {
    code: 'UNAUTHENTICATED',
    sentence:
      'The registry {host} wants a login for this image, or the image is not there. Check its name, or give a user name and password.',
  },
  'registry.badRule': {
    code: 'INVALID_ARGUMENT',
    sentence: '{rule} in the list of allowed registries is neither a host nor a network such as 10.0.0.0/8.',
  },
  'registry.noToken': {
    code: 'UNAVAILABLE',
    sentence: 'The login service of the registry {host} gave no usable token. Try again later.',
  },
  'registry.noLoginService': {
    code: 'UNAVAILABLE',
    sentence: 'The registry {host} names no usable login service. Tell whoever runs it.',
  },
  'registry.sentWrong': {
    code: 'UNAVAILABLE',
    sentence:
      'The registry {host} sent {what}. Nothing of it was kept. Try again; if it stays so, the registry or a proxy before it is broken or hostile.',
  },
  'registry.denied': {
    code: 'PERMISSION_DENIED',
    sentence: 'The registry {host} does not allow {what} with this login.',
  },
  'registry.hasNo': {
    code: 'NOT_FOUND',
    sentence: 'The registry {host} has no {what}. Check the name and the tag; a private one needs a login.',
  },
  'registry.limited': {
    code: 'RESOURCE_EXHAUSTED',
    sentence: 'The registry {host} limits how much may be pulled for now. Wait, or log in for a higher limit.',
  },
  'registry.asksToWait': {
    code: 'RESOURCE_EXHAUSTED',
    sentence:
      'The registry {host} asks to be left alone for {seconds} seconds. Try again after that; a login may give a higher limit.',
  },
  'registry.strangeEncoding': {
    code: 'UNSUPPORTED',
    sentence:
      'The registry {host}, or a proxy before it, sent an answer with the content encoding {encoding}, which was not asked for and cannot be read. Tell whoever runs it.',
  },
  'registry.answered': { code: 'UNAVAILABLE', sentence: 'The registry {host} answered {status}. Try again later.' },
  'registry.forbiddenAddress': {
    code: 'PERMISSION_DENIED',
    sentence:
      'The registry, or something it leads to, has an address that this host may not reach. An admin can put it on the list of allowed registries.',
  },
  'registry.noUploadPlace': { code: 'UNAVAILABLE', sentence: 'The registry {host} does not say where to upload to.' },
  'registry.answerTooLarge': {
    code: 'UNAVAILABLE',
    sentence: 'The registry sent more than the {bytes} bytes that such an answer may have.',
  },
  'registry.redirects': {
    code: 'UNAVAILABLE',
    sentence: 'The registry {host} redirects without end. Tell whoever runs it.',
  },
  'registry.badAddress': { code: 'INVALID_ARGUMENT', sentence: '{host} is not the address of a registry.' },
})
