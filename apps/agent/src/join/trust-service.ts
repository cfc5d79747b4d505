import { type Service, service } from '@flotilla/link'
import type { Logger } from '@flotilla/log'
import { fail, trustMethods } from '@flotilla/protocol'
import type { IdentityStore } from './identity-store.ts'

/** Lets whoever may open the local socket pin a control plane's key, which then comes in over SSH with mutual TLS. */
export function trustService(store: IdentityStore, log: Logger): Service {
  return service(trustMethods, {
    trust: {
      async add({ fingerprint, name }, call) {
        const { permission } = trustMethods.trust.add
        if (!call.scope.permissions.includes(permission)) {
          throw fail('access.needsRight', { permission })
        }
        await store.pin({ url: null, fingerprint, joinedAt: new Date().toISOString() })
        log.info({ fingerprint, name, actor: call.scope.actor }, 'a control plane was pinned')
        return { fingerprint: store.identity.fingerprint }
      },
    },
  })
}
