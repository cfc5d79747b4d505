import { type FlotillaError, type Operation, isChildOperation, systemScope, toFlotillaError } from '@flotilla/protocol'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AwaitedSteps } from '@flotilla/db'
import type { App } from '../app.ts'
import type { HostLink } from '../fleet/host-gateway.ts'

const askMs = 5000
const cancelTries = 20
const cancelAgainMs = 100
const linkEndMs = 300

interface Child {
  hostId: string
  id: string
}

/** The host's change as it is now; null where the host does not know it, so that it never began. */
export async function childNow(app: App, { hostId, id }: Child): Promise<Operation | null> {
  const enough = new AbortController()
  // Not `AbortSignal.any` with a timeout: that one is forgotten with the next collection of garbage.
  const late = setTimeout(() => enough.abort(new DOMException('No answer came in time.', 'TimeoutError')), askMs)
  try {
    const { agent } = app.gateway.for(hostId)
    for await (const operation of agent.operations.watch({ id }, { scope: systemScope, signal: enough.signal }))
      return operation
    return null
  } catch (error) {
    if (toFlotillaError(error).code === 'NOT_FOUND') return null
    throw error
  } finally {
    clearTimeout(late)
    enough.abort()
  }
}

/** Ends a host's change. One that is on its way to the host is waited for a moment; the host's silence is no failure. */
export async function cancelChild(app: App, child: Child, isRunning: () => boolean): Promise<void> {
  for (let tried = 0; tried < cancelTries && isRunning(); tried += 1) {
    try {
      const { agent } = app.gateway.for(child.hostId)
      await agent.operations.cancel({ id: child.id }, { scope: systemScope, timeoutMs: askMs })
      return
    } catch (thrown) {
      const error = toFlotillaError(thrown)
      if (error.code !== 'NOT_FOUND') app.log.debug({ err: error, operationId: child.id }, 'a step was not cancelled')
      await sleep(cancelAgainMs)
    }
  }
}

/**
 * Tells the host that what these steps came to is written down here. An agent that is older than this does not know the call
 * and keeps nothing for it; one that is away is told later.
 */
export async function acknowledge(app: App, steps: AwaitedSteps): Promise<void> {
  const ids = steps.childIds.filter(isChildOperation)
  try {
    const { agent } = app.gateway.for(steps.hostId)
    await agent.operations.acknowledge({ ids }, { scope: systemScope, timeoutMs: askMs })
  } catch (thrown) {
    const error = toFlotillaError(thrown)
    if (!isNeverHeard(error)) return
  }
  await app.db.operations.acknowledged(steps)
}

/** The host is gone for good, or its agent does not know what an acknowledgement is. */
function isNeverHeard({ code }: FlotillaError): boolean {
  return code === 'UNSUPPORTED' || code === 'NOT_FOUND'
}

/** Whether a call failed since its link ended, which shows at the link a moment later. */
export async function linkEnded(link: HostLink): Promise<boolean> {
  const enough = new AbortController()
  const stays = sleep(linkEndMs, false, { signal: enough.signal }).catch(() => false)
  try {
    return await Promise.race([link.closed.then(() => true), stays])
  } finally {
    enough.abort()
  }
}

/** Waits until the host is there, at most `ms`; what is asked of it then says where it is not. */
export async function whenReachable(app: App, hostId: string, ms: number, signal: AbortSignal): Promise<void> {
  const isThere = () => app.index.host(hostId)?.state === 'connected' || app.index.host(hostId) === undefined
  if (isThere() || signal.aborted) return
  await new Promise<void>((resolve) => {
    const done = () => {
      stopListening()
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const stopListening = app.index.onChange(({ type }) => {
      if (type === 'host' && isThere()) done()
    })
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
  })
}
