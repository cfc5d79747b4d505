import { withDeadline } from '@flotilla/async'
import net from 'node:net'
import { readFile } from 'node:fs/promises'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { type App, followHost } from '@flotilla/api'
import type { HostRow } from '@flotilla/db'
import { SshHost } from '@flotilla/host'
import { connect, secure } from '@flotilla/link'
import { fail, toFlotillaError } from '@flotilla/protocol'
import type { Secrets } from '../secrets.ts'

const firstWaitMs = 250
const longestWaitMs = 5000
const dialMs = 20_000

/** Opens a stream to a host's agent. */
export type Dial = (signal: AbortSignal) => Promise<Duplex>

/** Keeps the link of a host that this side dials, until the signal aborts. */
export async function keepLink(
  app: App,
  host: HostRow,
  dial: Dial,
  holder: string,
  signal: AbortSignal,
): Promise<void> {
  let waitMs = firstWaitMs
  while (!signal.aborted && app.index.host(host.id) !== undefined) {
    if (app.gateway.linkOf(host.id) !== undefined) {
      await sleep(longestWaitMs, undefined, { signal }).catch(() => undefined) // it came in by itself; this control plane ends
      continue
    }
    const patience = withDeadline(signal, dialMs)
    try {
      const link = await connect(await dial(patience), {
        hello: { version: app.version, name: 'control plane' },
        signal: patience,
      })
      waitMs = firstWaitMs
      const end = () => link.close()
      signal.addEventListener('abort', end, { once: true })
      const { db, index, gateway, log } = app
      const reason = await followHost({ hostId: host.id, link, db, index, gateway, log, holder })
      signal.removeEventListener('abort', end)
      log.info({ host: host.name, reason: reason.message }, 'the link to a host ended')
    } catch (thrown) {
      const error = toFlotillaError(thrown)
      if (app.gateway.linkOf(host.id) === undefined) app.index.setState(host.id, 'away', error.message)
      app.log.debug({ host: host.name, err: error }, 'a host cannot be reached')
    }
    await sleep(waitMs, undefined, { signal }).catch(() => undefined) // this control plane ends
    waitMs = Math.min(waitMs * 2, longestWaitMs)
  }
}

/** The agent of this machine; the socket's file mode says who may come. */
export function localDial(path: string): Dial {
  return (signal) =>
    new Promise((resolve, reject) => {
      const socket = net.connect(path)
      const giveUp = (error: Error) => {
        socket.destroy()
        reject(
          fail(
            'agent.silent',
            { path },
            {
              cause: error,
            },
          ),
        )
      }
      const onAbort = () => giveUp(new Error('cancelled'))
      signal.addEventListener('abort', onAbort, { once: true })
      socket.once('error', giveUp)
      socket.once('connect', () => {
        signal.removeEventListener('abort', onAbort)
        socket.off('error', giveUp)
        resolve(socket)
      })
    })
}

/** Through the host's SSH server to the agent's socket, then mutual TLS with the agent's pinned key. */
export function sshDial(host: HostRow, secrets: Secrets, keyFile: string): Dial {
  return async (signal) => {
    const { address, fingerprint } = host
    if (address === null || fingerprint === null) {
      throw fail('fleet.noSshAddress', { host: host.name })
    }
    const privateKey = await readFile(keyFile, 'utf8')
    const channel = await new SshHost({ ...address, privateKey }).dial(address.agentSocket, signal)
    const trust = (theirs: string) => theirs === fingerprint
    return secure(channel, { side: 'client', identity: secrets.identity, trust, signal })
  }
}
