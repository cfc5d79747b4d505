import { auditRouter } from './audit/router.ts'
import { containersRouter } from './containers/router.ts'
import { hostsRouter } from './hosts/router.ts'
import { imagesRouter } from './images/router.ts'
import { keysRouter } from './keys/router.ts'
import { operationsRouter } from './operations/router.ts'
import { overviewRouter } from './overview/router.ts'
import { peopleRouter } from './people/router.ts'
import { sessionRouter } from './session/router.ts'
import { setupRouter } from './setup/router.ts'
import { router } from './trpc.ts'

/** Every unary procedure of the control plane. */
export const appRouter = router({
  audit: auditRouter,
  containers: containersRouter,
  hosts: hostsRouter,
  images: imagesRouter,
  keys: keysRouter,
  operations: operationsRouter,
  overview: overviewRouter,
  people: peopleRouter,
  session: sessionRouter,
  setup: setupRouter,
})
export type AppRouter = typeof appRouter
