import { addressAndPort, markAndMask } from './iptables-words.ts'
import { addressNumber } from './ranges.ts'
import type { Action } from './rules.ts'

/** Targets after which a packet goes on as it was, as far as anything that is understood here sees. */
const harmless = new Set(
  'LOG NFLOG ULOG CHECKSUM TCPMSS TCPOPTSTRIP TOS DSCP ECN CLASSIFY AUDIT TRACE SET RATEEST IDLETIMER LED TEE'.split(
    ' ',
  ),
)
/** They translate the source. */
const sources = new Set(['MASQUERADE', 'SNAT'])
/** What CT says of how a connection is tracked, and that changes nothing about where it goes. */
const ofTracking = ['--helper', '--ctevents', '--expevents', '--timeout']

const unknown: Action = { kind: 'unknown' }

/** What a target does, with its options as `iptables-save` prints them; what is not understood is `unknown`. */
export function actionOf(target: string, options: readonly string[], isChain: (name: string) => boolean): Action {
  if (isChain(target)) return { kind: 'jump', chain: target }
  if (sources.has(target)) return { kind: 'translateSource' }
  if (harmless.has(target)) return { kind: 'none' }
  switch (target) {
    case 'ACCEPT':
      return { kind: 'accept' }
    case 'DROP':
    case 'REJECT':
      return { kind: 'drop' }
    case 'RETURN':
      return { kind: 'return' }
    case 'DNAT':
      return translation(options)
    case 'REDIRECT':
      return redirection(options)
    case 'MARK': {
      const mark = only(options, '--set-xmark')
      return mark === null ? unknown : { kind: 'mark', ...mark }
    }
    case 'CONNMARK':
      return connectionMark(options)
    case 'NOTRACK':
      return { kind: 'untrack' }
    case 'CT':
      return tracking(options)
    default:
      return unknown
  }
}

function only(options: readonly string[], name: string): { value: bigint; mask: bigint } | null {
  return options.length === 2 && options[0] === name ? markAndMask(options[1] ?? '') : null
}

function connectionMark(options: readonly string[]): Action {
  const set = only(options, '--set-xmark')
  if (set !== null) return { kind: 'connectionMark', ...set }
  const [kind, ofPacket, packet, ofConnection, connection, ...more] = options
  const masks = [markAndMask(packet ?? ''), markAndMask(connection ?? '')]
  const isUsual = ofPacket === '--nfmask' && ofConnection === '--ctmask' && more.length === 0
  const [packetMask, connectionMask] = masks.map((mask) => mask?.value)
  if (!isUsual || packetMask === undefined || connectionMask === undefined) return unknown
  if (kind === '--save-mark') return { kind: 'saveMark', packetMask, connectionMask }
  return kind === '--restore-mark' ? { kind: 'restoreMark', packetMask, connectionMask } : unknown
}

function tracking(options: readonly string[]): Action {
  if (options.length === 1 && options[0] === '--notrack') return { kind: 'untrack' }
  const names = options.filter((option) => option.startsWith('--'))
  return names.every((name) => ofTracking.includes(name)) ? { kind: 'none' } : unknown
}

function redirection(options: readonly string[]): Action {
  const [name, ports = ''] = options
  if (name === undefined) return { kind: 'translate' }
  const isPort = options.length === 2 && name === '--to-ports' && /^\d+$/.test(ports)
  return isPort ? { kind: 'translate', port: Number(ports) } : unknown
}

function translation(options: readonly string[]): Action {
  const [name, text = '', ...more] = options
  const to = addressAndPort(text)
  const address = to?.address === undefined ? undefined : addressNumber(to.address)
  const isUsual = name === '--to-destination' && more.every((option) => option === '--persistent')
  if (!isUsual || to === null || address === null) return unknown
  return {
    ...(address === undefined ? {} : { address }),
    ...(to.port === undefined ? {} : { port: to.port }),
    kind: 'translate',
  }
}
