import { defineErrors } from '../../errors/define-errors.ts'
import { containerKind } from '../container/container-kind.ts'

/** Networks and published ports. */
export const networkErrors = defineErrors({
  'network.onHost': {
    code: 'CONFLICT',
    sentence: "{name} uses the host's network, which cannot be changed. Make it anew on a network of its own.",
  },
  'network.onNone': {
    code: 'CONFLICT',
    sentence: '{name} was made without a network, which cannot be changed. Make it anew on a network of its own.',
  },
  'network.onAnothers': {
    code: 'CONFLICT',
    sentence:
      "{name} shares another container's network, which cannot be changed. Make it anew on a network of its own.",
  },
  'network.connectedOtherwise': {
    code: 'CONFLICT',
    sentence: '{name} is on the network {network} already, with other addresses or names. Disconnect it first.',
  },
  'network.ownerShares': {
    code: 'INVALID_ARGUMENT',
    sentence: 'That container shares the network of another itself. Choose that one here too.',
  },
  'network.noNameServer': {
    code: 'UNAVAILABLE',
    sentence: 'The process that answers the names of containers could not be started. Are perl and setpriv there?',
  },
  'network.routeLost': {
    code: 'CONFLICT',
    sentence:
      'A network with IPv6 makes this host forward it, which then drops the default route that a router told it over {link}. Set net.ipv6.conf.{link}.accept_ra to 2 on the host first.',
  },
  'network.addressTaken': {
    code: 'CONFLICT',
    sentence: 'The address {address} of the network {network} is taken by another container. Choose another.',
  },
  'network.overlaps': {
    code: 'CONFLICT',
    sentence: 'The subnet {subnet} overlaps {other}, {holder}. Choose another, or none to get a free one.',
    tells: { params: ['other', 'holder'], unseen: 'network.overlapsUnseen' },
  },
  'network.overlapsUnseen': {
    code: 'CONFLICT',
    sentence: 'The subnet {subnet} overlaps one that is in use there. Choose another, or none to get a free one.',
  },
  'network.inUse': {
    code: 'CONFLICT',
    sentence: 'The network {name} is used by containers ({count}). Disconnect or remove them first.',
    counts: { users: containerKind, of: 'network', uncounted: 'network.hasContainers' },
  },
  'network.bridgeAlone': {
    code: 'INVALID_ARGUMENT',
    sentence: 'Networks are chosen with the bridge network alone. Leave one of both out.',
  },
  'network.namedTwice': {
    code: 'INVALID_ARGUMENT',
    sentence: 'A network is named twice. A container is on each once.',
  },
  'network.ownerOnHost': {
    code: 'INVALID_ARGUMENT',
    sentence: "That container uses the host's network. Choose the host's network here too.",
  },
  'network.ownerGone': {
    code: 'NOT_FOUND',
    sentence: 'The container whose network it shares is gone. Make one under its name first, or make this one anew.',
  },
  'network.ownerGoneForGood': {
    code: 'NOT_FOUND',
    sentence:
      'The container whose network it shared is gone: it cannot start. Make it anew to share the network of another.',
  },
  'network.ownerStopped': {
    code: 'CONFLICT',
    sentence: 'The container whose network it shares is not running. Start that one first.',
  },
  'network.ownerBusy': {
    code: 'CONFLICT',
    sentence:
      'The container whose network it shares is being stopped or started, which takes long. Try again when that is done.',
  },
  'network.ownerWent': {
    code: 'CONFLICT',
    sentence:
      'It was stopped, but the container whose network it shares is not running any more: it starts again as soon as that one does.',
  },
  'network.noneOfItsOwn': {
    code: 'CONFLICT',
    sentence: 'The container has no network of its own that could be changed.',
  },
  'network.isDefault': { code: 'CONFLICT', sentence: 'The default network cannot be removed.' },
  'network.hasContainers': { code: 'CONFLICT', sentence: 'Containers are on the network {name}.' },
  'network.nameTaken': {
    code: 'CONFLICT',
    sentence: 'There is a network {name} already. Choose another name, or remove it first.',
  },
  'network.subnetsOfOneFamily': {
    code: 'INVALID_ARGUMENT',
    sentence: 'A network has one subnet of each family at most. Leave one out.',
  },
  'network.noDriver': {
    code: 'UNSUPPORTED',
    sentence: 'This engine makes networks with the driver bridge alone, not {driver}.',
  },
  'network.noSubnet': { code: 'INVALID_ARGUMENT', sentence: '{subnet} is no subnet.' },
  'network.smallSubnet': {
    code: 'INVALID_ARGUMENT',
    sentence: 'The subnet {subnet} has no room. Give at least a {least}.',
  },
  'network.badGateway': {
    code: 'INVALID_ARGUMENT',
    sentence: 'The gateway {gateway} is no address of the subnet {subnet}.',
  },
  'network.badRange': { code: 'INVALID_ARGUMENT', sentence: 'The range {range} is no part of the subnet {subnet}.' },
  'network.noFamily': { code: 'INVALID_ARGUMENT', sentence: 'The network {network} has no addresses of IPv{family}.' },
  'network.full': {
    code: 'RESOURCE_EXHAUSTED',
    sentence: 'The addresses of the network {network} are all in use. Remove containers, or use another network.',
  },
  'network.foreignAddress': {
    code: 'INVALID_ARGUMENT',
    sentence: '{address} is no address of the network {network} ({subnet}).',
  },
  'network.noLease': { code: 'INTERNAL', sentence: 'There is no network lease of {container} to pass on.' },
  'network.lockHeld': {
    code: 'TIMEOUT',
    sentence: 'Another Flotilla on this host holds the network lock for too long.',
  },
  'network.noFlock': { code: 'UNAVAILABLE', sentence: 'The program flock could not be started.' },
  'network.noLock': { code: 'UNAVAILABLE', sentence: 'The lock {path} could not be taken.' },
  'network.noNetavark': {
    code: 'UNAVAILABLE',
    sentence: 'netavark is not installed on this host. Install the package netavark.',
  },
  'network.netavarkFailed': { code: 'UNAVAILABLE', sentence: 'netavark could not {what} a network.' },
  'network.ambiguous': {
    code: 'CONFLICT',
    sentence: 'Several networks begin with {ref}: {names}. Give more of the id.',
  },
  'network.notFound': { code: 'NOT_FOUND', sentence: 'There is no network {ref}.' },
  'network.linkGone': { code: 'CONFLICT', sentence: 'A link was taken away while it was being made.' },
  'network.noRoom': {
    code: 'RESOURCE_EXHAUSTED',
    sentence:
      "This host's routes leave no private network free for containers. Remove a route that covers all of 10.0.0.0/8.",
  },
  'network.noRoom6': {
    code: 'RESOURCE_EXHAUSTED',
    sentence: "This host's routes leave no private network of IPv6 free.",
  },
  'network.ownAddress': {
    code: 'CONFLICT',
    sentence: 'The address {address} of the network {network} is taken by the network itself. Choose another.',
  },
  'port.taken': {
    code: 'CONFLICT',
    sentence: '{place} of this host is taken by {holder}. Choose another port, or stop what holds it.',
  },
  'port.stranded': {
    code: 'CONFLICT',
    sentence:
      '{name} would be on no network from which its ports can be published. Unpublish them first, or connect another network.',
  },
  'port.noAddress': { code: 'INVALID_ARGUMENT', sentence: 'This host has no address {address} to publish {place} on.' },
  'port.tooManyExposed': {
    code: 'INVALID_ARGUMENT',
    sentence: 'The image exposes more than {most} ports, too many to publish all. Name those that you need.',
  },
  'port.bridgeAlone': {
    code: 'INVALID_ARGUMENT',
    sentence: 'Ports are published on the bridge network alone. Choose it, or no ports.',
  },
  'port.internalNetworks': {
    code: 'INVALID_ARGUMENT',
    sentence:
      '{name} is on internal networks alone, where no port can be published. Connect it to another network first.',
  },
  'port.noBridge': {
    code: 'INVALID_ARGUMENT',
    sentence: 'Ports cannot be published with the network "{network}". Use the bridge network, or leave the ports out.',
  },
  'port.noKeeper': {
    code: 'UNAVAILABLE',
    sentence: 'The process that holds published ports could not be started. Is perl there?',
  },
  'port.askedTwice': {
    code: 'CONFLICT',
    sentence: '{place} of this host is asked for twice. Choose another for one of them.',
  },
  'port.takenByContainer': {
    code: 'CONFLICT',
    sentence: '{place} of this host is taken by another container. Choose another port, or stop what holds it.',
  },
  'network.nameIsLikeId': {
    code: 'INVALID_ARGUMENT',
    sentence: '{field} must not look like the id of a network: not 12 or more of the digits 0 to 9 and a to f alone.',
  },
  'network.nameIsMode': {
    code: 'INVALID_ARGUMENT',
    sentence: '{field} must be none of host, none and default: these are modes.',
  },
  'network.notASubnet': { code: 'INVALID_ARGUMENT', sentence: '{field} must be a subnet.' },
  'network.wideSubnet': { code: 'INVALID_ARGUMENT', sentence: '{field} must not be larger than a /{least}.' },
  'network.reservedSubnet': {
    code: 'INVALID_ARGUMENT',
    sentence: '{field} must not hold addresses of {block}, which have a use of their own.',
  },
  'network.unusualSubnet': {
    code: 'INVALID_ARGUMENT',
    sentence: '{field} must be of fc00::/7 or 2000::/3: other addresses of IPv6 are multicast, link-local or reserved.',
  },
  'port.manyHosts': {
    code: 'INVALID_ARGUMENT',
    sentence: '{field} must be an address of the host: not multicast or broadcast.',
  },
  'network.fullRange': { code: 'INVALID_ARGUMENT', sentence: '{field} must hold an address beside the gateway.' },
})
