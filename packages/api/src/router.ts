import { type AnyNoun, nouns, registry, type Registry } from '@flotilla/protocol'
import { auditRouter } from './audit/router.ts'
import { containerProcedures } from './containers/router.ts'
import { hostsRouter } from './hosts/router.ts'
import { imageProcedures } from './images/router.ts'
import { keysRouter } from './keys/router.ts'
import { nounProcedures } from './nouns/procedures.ts'
import { operationsRouter } from './operations/router.ts'
import { overviewRouter } from './overview/router.ts'
import { peopleRouter } from './people/router.ts'
import { sessionRouter } from './session/router.ts'
import { setupRouter } from './setup/router.ts'
import { router } from './trpc.ts'

/** What the control plane adds to a noun's own procedures where it has work of its own. */
const added = { containers: containerProcedures, images: imageProcedures }

function routerOfProduct() {
  return router({
    audit: auditRouter,
    containers: router({ ...nounProcedures(nouns.containers), ...added.containers }),
    hosts: hostsRouter,
    images: router({ ...nounProcedures(nouns.images), ...added.images }),
    keys: keysRouter,
    networks: router(nounProcedures(nouns.networks)),
    nodes: router(nounProcedures(nouns.nodes)),
    operations: operationsRouter,
    overview: overviewRouter,
    people: peopleRouter,
    session: sessionRouter,
    setup: setupRouter,
    volumeFiles: router(nounProcedures(nouns.volumeFiles)),
    volumes: router(nounProcedures(nouns.volumes)),
  })
}

/** Every unary procedure of the control plane. */
export type AppRouter = ReturnType<typeof routerOfProduct>

/** Makes the router: the product's, and with it the procedures of nouns that the product does not know by type. */
export function createRouter(table: Registry = registry): AppRouter {
  const product = routerOfProduct()
  const known = new Set<AnyNoun>(Object.values(nouns))
  const others = table.nouns.filter((noun) => !known.has(noun))
  if (others.length === 0) return product
  const more = Object.fromEntries(others.map((noun) => [noun.plural, router(nounProcedures(noun))]))
  return router({ ...product._def.record, ...more } as never) as unknown as AppRouter
}
