import { createHash, timingSafeEqual } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { type FlotillaError, fail } from '@flotilla/protocol'
import ssh2 from 'ssh2'

export interface SshTarget {
  host: string
  port: number
  username: string
  /** OpenSSH or PEM; a secret. */
  privateKey: string
  /** `SHA256:…` of the server's key, as ssh-keygen -lf prints it. Another key is refused. */
  hostKey: string
}

const readyMs = 15_000
const aliveMs = 4000

/** A host behind an SSH server. */
export class SshHost {
  readonly #target: SshTarget

  constructor(target: SshTarget) {
    this.#target = target
  }

  /**
   * Opens a stream to a unix socket on the host, on a connection of its own that ends with it.
   * Throws INVALID_ARGUMENT for a key that cannot be read, PERMISSION_DENIED for another host key or a refused login, UNAVAILABLE,
   * CANCELLED.
   */
  dial(socketPath: string, signal?: AbortSignal): Promise<Duplex> {
    const { host, port, username, privateKey, hostKey } = this.#target
    return new Promise((resolve, reject) => {
      const client = new ssh2.Client()
      let stranger = false
      let settled = false
      const giveUp = (error: FlotillaError) => {
        if (settled) return
        settled = true
        signal?.removeEventListener('abort', onAbort)
        client.destroy()
        reject(error)
      }
      const onAbort = () => giveUp(fail('ssh.cancelled'))
      if (signal?.aborted === true) return onAbort()
      signal?.addEventListener('abort', onAbort, { once: true })
      client.on('error', (error) => giveUp(stranger ? strangerError(host) : failure(host, error)))
      client.on('close', () => giveUp(stranger ? strangerError(host) : failure(host)))
      client.once('ready', () => {
        client.setNoDelay(true) // else a call's second small packet waits for the answer to the first, some 40 ms
        client.openssh_forwardOutStreamLocal(socketPath, (error, channel) => {
          if (error !== undefined) return giveUp(failure(host, error))
          if (settled) return channel.destroy()
          settled = true
          signal?.removeEventListener('abort', onAbort)
          channel.once('close', () => client.end())
          client.once('close', () => channel.destroy())
          resolve(channel)
        })
      })
      try {
        client.connect({
          host,
          port,
          username,
          privateKey,
          readyTimeout: readyMs,
          keepaliveInterval: aliveMs,
          keepaliveCountMax: 2,
          hostVerifier: (key: Buffer) => {
            stranger = !sameKey(key, hostKey)
            return !stranger
          },
        })
      } catch (error) {
        // It throws at once for the key alone: all else has been checked by then.
        giveUp(fail('ssh.badKey', {}, { cause: error, field: ['privateKey'] }))
      }
    })
  }
}

function sameKey(key: Buffer, pinned: string): boolean {
  const seen = Buffer.from(fingerprint(key))
  const wanted = Buffer.from(pinned.replace(/={1,2}$/, ''))
  return seen.length === wanted.length && timingSafeEqual(seen, wanted)
}

/** As ssh-keygen prints it: base64 with no padding. */
function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256')
    .update(key)
    .digest('base64')
    .replace(/={1,2}$/, '')}`
}

function strangerError(host: string): FlotillaError {
  return fail('ssh.otherKey', { host })
}

function failure(host: string, error?: Error): FlotillaError {
  const level = error !== undefined && 'level' in error ? error.level : undefined
  if (level === 'client-authentication') {
    return fail('ssh.refused', { host }, { cause: error })
  }
  const why = error === undefined ? 'the connection was closed' : error.message
  return fail('ssh.unreachable', { host, why }, { cause: error })
}
