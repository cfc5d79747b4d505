import { z } from 'zod'
import { unary } from './method.ts'

/** sha256 of a public key, in hex. */
const fingerprint = z.string().regex(/^[0-9a-f]{64}$/)

/**
 * What an agent answers as the service `trust`, on its local socket alone: whoever may open that file is root or of the
 * agent's group, and says whose key may come in over the proven sockets. See docs/adr/0008-ssh-hosts.md.
 */
export const trustMethods = {
  trust: {
    /** Pins a control plane's key; gives the agent's own. Idempotent. */
    add: unary(z.object({ fingerprint, name: z.string().max(2000) }), z.object({ fingerprint }), {
      permission: 'hosts.manage',
    }),
  },
}
