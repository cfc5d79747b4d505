import { defineReasons } from '../../reasons/define-reasons.ts'

/** Why a network does not do all that it should. */
export const networkReasons = defineReasons({
  'bridge.noAntiSpoofing':
    'This host cannot filter what containers send on their bridges (nftables, family bridge), so that one with NET_RAW can speak for its neighbours: {words}',
  'bridge.namesNotServed':
    'The names of containers are not answered, and those of other hosts neither, since the name server of its networks does not run; starting it is tried again.',
  'bridge.namesUnbound':
    'Another program has port 53 at {addresses}, where the names of its networks would be answered; that is tried again.',
  'bridge.notWhole':
    'Its network {network} was changed by another program and is not whole yet; putting it back is tried again.',
  'bridge.waits': 'Its network waits for {what}, not answering since {since}.',
  'bridge.rulesNotWhole':
    'The firewall rules of its networks could not be looked at or put back yet; that is tried again: {message}',
})
