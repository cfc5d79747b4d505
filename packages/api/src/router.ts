import { type AnyNoun, type Nouns, registry, type Registry } from '@flotilla/protocol'
import { auditRouter } from './audit/router.ts'
import { containerProcedures } from './containers/router.ts'
import { hostsRouter } from './hosts/router.ts'
import { imageProcedures } from './images/router.ts'
import { keysRouter } from './keys/router.ts'
import { type NounProcedures, nounProcedures } from './nouns/procedures.ts'
import { operationsRouter } from './operations/router.ts'
import { overviewRouter } from './overview/router.ts'
import { peopleRouter } from './people/router.ts'
import { sessionRouter } from './session/router.ts'
import { setupRouter } from './setup/router.ts'
import { router } from './trpc.ts'

/** What the control plane adds to a noun's own procedures where it has work of its own. */
const added = { containers: containerProcedures, images: imageProcedures }
type Added = typeof added

/** The procedures of every noun of the product, by its name in the method table. */
type ProductProcedures = {
  [Plural in keyof Nouns]: Plural extends keyof Added
    ? Omit<NounProcedures<Nouns[Plural]>, keyof Added[Plural]> & Added[Plural]
    : NounProcedures<Nouns[Plural]>
}

function proceduresOf(nouns: readonly AnyNoun[]): ProductProcedures {
  const more: Partial<Record<string, object>> = added
  const made = nouns.map((noun) => [noun.plural, { ...nounProcedures(noun), ...more[noun.plural] }])
  return Object.fromEntries(made) as ProductProcedures
}

/** Makes the router: the procedures of these nouns, of which the product's are known by type, and what is of no noun. */
export function createRouter({ nouns }: Pick<Registry, 'nouns'> = registry) {
  return router({
    ...proceduresOf(nouns),
    audit: auditRouter,
    hosts: hostsRouter,
    keys: keysRouter,
    operations: operationsRouter,
    overview: overviewRouter,
    people: peopleRouter,
    session: sessionRouter,
    setup: setupRouter,
  })
}

/** Every unary procedure of the control plane. */
export type AppRouter = ReturnType<typeof createRouter>
