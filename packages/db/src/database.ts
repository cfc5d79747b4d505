import { PrismaPg } from '@prisma/adapter-pg'
import { FlotillaError } from '@flotilla/protocol'
import { AccessRepo } from './access-repo.ts'
import { ApiKeyRepo } from './api-key-repo.ts'
import { AuditRepo } from './audit-repo.ts'
import { FleetObjectRepo } from './fleet-object-repo.ts'
import { PrismaClient } from './generated/client.ts'
import { HostRepo } from './host-repo.ts'
import { JoinTokenRepo } from './join-token-repo.ts'
import { OperationRepo } from './operation-repo.ts'
import { OrganisationRepo } from './organisation-repo.ts'
import { PlatformObjectRepo } from './platform-object-repo.ts'
import { databaseError, isAway, openPool } from './pool.ts'
import { SetupTokenRepo } from './setup-token-repo.ts'
import { SpanningEngineRepo } from './spanning-engine-repo.ts'
import { type DatabaseTrouble, databaseTrouble, inWords } from './trouble.ts'

/** The tables behind their repositories. Each call that reads or writes an organisation's rows takes its scope. */
export interface Database {
  /** For better-auth's adapter alone. */
  readonly prisma: PrismaClient
  readonly access: AccessRepo
  readonly apiKeys: ApiKeyRepo
  readonly audit: AuditRepo
  readonly fleetObjects: FleetObjectRepo
  readonly hosts: HostRepo
  readonly joinTokens: JoinTokenRepo
  readonly operations: OperationRepo
  readonly organisations: OrganisationRepo
  readonly platformObjects: PlatformObjectRepo
  readonly setupTokens: SetupTokenRepo
  readonly spanningEngines: SpanningEngineRepo
  close(): Promise<void>
}

interface DatabaseOptions {
  url: string
  connections?: number
  /** What is thrown where the database itself cannot answer, instead of Prisma's error. */
  onTrouble?: ((trouble: DatabaseTrouble, error: unknown) => Error) | undefined
}

/** Opens a pool of at most `connections`; nothing is connected before the first query. */
export function openDatabase(options: DatabaseOptions): Database {
  const pool = openPool({ url: options.url, connections: options.connections ?? 10 })
  const adapter = new PrismaPg(pool, { disposeExternalPool: true })
  // Many that come at once wait for a connection; on a busy machine longer than Prisma's two seconds.
  const client = new PrismaClient({ adapter, transactionOptions: { maxWait: 15_000, timeout: 15_000 } })
  const prisma = inWords(client, (error) => worded(error, options.onTrouble))
  return {
    prisma,
    access: new AccessRepo(prisma),
    apiKeys: new ApiKeyRepo(prisma),
    audit: new AuditRepo(prisma),
    fleetObjects: new FleetObjectRepo(prisma),
    hosts: new HostRepo(prisma),
    joinTokens: new JoinTokenRepo(prisma),
    operations: new OperationRepo(prisma),
    organisations: new OrganisationRepo(prisma),
    platformObjects: new PlatformObjectRepo(prisma),
    setupTokens: new SetupTokenRepo(prisma),
    spanningEngines: new SpanningEngineRepo(prisma),
    close: () => prisma.$disconnect(),
  }
}

function worded(error: unknown, onTrouble: DatabaseOptions['onTrouble']): unknown {
  // A query of a transaction fails inside of it and with it: it is put into words once.
  if (error instanceof FlotillaError) return error
  const known = databaseError(error)
  if (onTrouble === undefined) return known
  if (known instanceof FlotillaError && !isAway(error)) return known
  const trouble = isAway(error) ? 'away' : databaseTrouble(error)
  return trouble === undefined ? error : onTrouble(trouble, error)
}
