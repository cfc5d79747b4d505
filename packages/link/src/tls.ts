import type { Duplex } from 'node:stream'
import tls, { type TLSSocket } from 'node:tls'
import { type FlotillaError, fail, toFlotillaError } from '@flotilla/protocol'
import { fingerprintOf, type Identity } from './identity.ts'
import { defaultLimits } from './limits.ts'
import { wrapDuplex } from './wrap.ts'

export interface SecureOptions {
  side: 'client' | 'server'
  identity: Identity
  /** Whether the other side's key is one that this side knows. A promise is not waited for: keys are known beforehand. */
  trust: (fingerprint: string) => boolean
  signal?: AbortSignal
  /** Milliseconds for the whole proof; 10,000 unless told otherwise. */
  timeoutMs?: number
}

const accepted = 1
const refused = 0

/**
 * Mutual TLS 1.3 inside a duplex. Each side proves that it holds its key, looks the other's up and tells the other its
 * verdict: in TLS 1.3 a client is done before the server has seen its key, and would otherwise learn of a refusal
 * only as a cut link. Throws PERMISSION_DENIED where either side refuses, TIMEOUT, CANCELLED, UNAVAILABLE; the duplex is
 * destroyed then. Certificates' names and times are not looked at: the key alone counts.
 */
export async function secure(duplex: Duplex, options: SecureOptions): Promise<Duplex> {
  const { identity, side, signal, timeoutMs = defaultLimits.openingMs } = options
  const context = tls.createSecureContext({
    key: identity.keyPem,
    cert: identity.certPem,
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
  })
  const common = { secureContext: context, requestCert: true, rejectUnauthorized: false, ALPNProtocols: ['flotilla'] }
  const socket =
    side === 'client'
      ? tls.connect({ ...common, socket: duplex, checkServerIdentity: () => undefined })
      : new tls.TLSSocket(duplex, { ...common, isServer: true })

  return new Promise<Duplex>((resolve, reject) => {
    let settled = false
    const settle = (then: () => void) => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      then()
    }
    const giveUp = (error: FlotillaError) =>
      settle(() => {
        socket.destroy()
        duplex.destroy()
        reject(error)
      })
    const onAbort = () => giveUp(fail('link.openingCancelled'))
    const timer = setTimeout(() => giveUp(fail('link.proofSlow')), timeoutMs)
    signal?.addEventListener('abort', onAbort, { once: true })
    if (signal?.aborted === true) onAbort()
    socket.on('error', (error: Error) => giveUp(broken(error)))
    socket.on('close', () => giveUp(broken()))
    duplex.on('close', () => giveUp(broken()))
    socket.once(side === 'client' ? 'secureConnect' : 'secure', () => {
      exchangeVerdicts(socket, options.trust, giveUp, () => settle(() => resolve(wrapDuplex(socket, duplex))))
    })
  })
}

function exchangeVerdicts(
  socket: TLSSocket,
  trust: (fingerprint: string) => boolean,
  giveUp: (error: FlotillaError) => void,
  agree: () => void,
): void {
  const denied = judge(socket, trust)
  if (denied !== undefined) {
    socket.end(Buffer.from([refused]), () => giveUp(denied))
    return
  }
  socket.write(Buffer.from([accepted]))
  const onReadable = () => {
    const verdict = socket.read(1) as Buffer | null
    if (verdict === null) return
    socket.off('readable', onReadable)
    if (verdict[0] === accepted) agree()
    else giveUp(fail('link.notTrusted'))
  }
  socket.on('readable', onReadable)
}

/** The refusal of the other side's key, or undefined where it is trusted. */
function judge(socket: TLSSocket, trust: (fingerprint: string) => boolean): FlotillaError | undefined {
  try {
    const certificate = socket.getPeerX509Certificate()
    if (certificate === undefined) {
      return fail('link.noKey')
    }
    const fingerprint = fingerprintOf(certificate)
    if (trust(fingerprint)) return undefined
    return fail('link.unknownKey', { fingerprint })
  } catch (thrown) {
    return toFlotillaError(thrown)
  }
}

function broken(cause?: Error): FlotillaError {
  return fail(
    'link.unproved',
    {},
    {
      detail: cause?.message,
      cause,
    },
  )
}
