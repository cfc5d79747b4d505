import { defineReasons } from '../../reasons/define-reasons.ts'

/** Why a container is in its state, and why nobody saw the end of it or of a command in it. */
export const containerReasons = defineReasons({
  'container.overOwnLimit': 'Killed by its own {mebibytes} MiB limit of memory.',
  'container.hostOutOfMemory': 'Killed by the kernel: the host ran out of memory.',
  'container.processKilled': 'While it ran, the kernel killed a process in it for want of memory.',
  'container.hostRestarted': 'The host was restarted while it ran, so nobody saw its end.',
  'container.endUnseen': 'Its monitor (conmon) was killed or found the disk full, so nobody saw its exit code.',
  'container.outputLost': 'Its monitor (conmon) was killed: its output is lost from then on.',
  'container.notStartedAgain': 'It could not be started again: {message}',
  'container.removed': 'The container was removed.',
  'container.renewing':
    'The container whose network it shares was started anew: it is started again in the new network.',
  'container.renewed': 'It was restarted since the container whose network it shares was started anew.',
  'container.ownerGone':
    'The container whose network it shared is gone: it has no network until another is made under its name.',
  'container.ownerStopped':
    'The container whose network it shares is not running: it has no network until that one starts.',
  'container.ownerGoneForGood':
    'The container whose network it shared is gone: it has no network. Make it anew to share the network of another.',
  'container.cannotStart':
    'The container whose network it shared is gone: it cannot start. Make it anew to share the network of another.',
  'container.ownerLeft':
    'The container whose network it shares is not running: it has no network. Start that one, then restart this one.',
  'container.ownerStartedLater':
    'The container whose network it shares was started after it: it has no network until it is restarted as well.',
  'container.waits': 'It waits for {what}, not answering since {since}.',
  'container.portNotHeld': 'A published port of it is not held on the host.',
  'container.halfChanged':
    'A change of its networks or ports failed and could not be taken back yet; that is tried again.',
  'container.halfChangedPorts':
    'A change of its ports failed and could not be taken back yet; that is tried again. Until then it may be reached at other ports than are listed: {ports}.',
  'container.engineSays': '{words}',
  'container.dead': 'Docker could not remove it and calls it dead.',
  'session.hostRestarted': 'The host was restarted while the session ran.',
  'session.monitorKilled': 'The session’s monitor (conmon) was killed.',
  'session.closed': 'Docker closed the session while its command ran.',
  'session.endUnseen': 'The end of the session was not seen: {message}',
})
