import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import {
  type App,
  beginOperations,
  createRestApi,
  createRouter,
  FleetIndex,
  HostGateway,
  IndexWriter,
  loadIndex,
  OperationRuns,
  Refusals,
  requireServices,
  type RestApi,
  Sealer,
} from '@flotilla/api'
import { Actors, createIdentityService, hashPassword, KnownDevices, type Policy, rolePolicy } from '@flotilla/auth'
import type { HostRow, OrganisationScope } from '@flotilla/db'
import type { Logger } from '@flotilla/log'
import { type Registry, registry, type Services } from '@flotilla/protocol'
import { AgentRoute } from './agents/agent-routes.ts'
import { type Dial, keepLink, localDial } from './agents/dialer.ts'
import { SshHosts } from './agents/ssh-hosts.ts'
import { retainAudit } from './audit-retention.ts'
import { startDatabase } from './database.ts'
import { DatabaseHealth } from './database/database-health.ts'
import type { ServerUser } from './database/embedded.ts'
import type { Env } from './env.ts'
import { openDashboard } from './http/dashboard.ts'
import type { HttpRoute } from './http/http-route.ts'
import { httpRoutes } from './http/routes.ts'
import { IdentityRoute } from './http/identity-route.ts'
import { OriginPolicy } from './http/origin-policy.ts'
import { type UpgradeRoute, createHttpServer, listen } from './http/server.ts'
import { openTls } from './http/tls.ts'
import { TrustedProxies } from './http/trusted-proxies.ts'
import { WaitingFront } from './http/waiting-front.ts'
import { LiveServer } from './live/live-server.ts'
import { bodyShares } from './http/body-shares.ts'
import { streamShares } from './live/stream-shares.ts'
import { type Secrets, joinTokenText, openSecrets, operationsKey } from './secrets.ts'
import { offerSetup, withdrawSetup } from './setup-link.ts'

export const version = '0.1.0'

export interface ControlPlaneOptions {
  env: Env
  log: Logger
  /** Whom the embedded database runs as where this process is root; tests alone are. */
  databaseUser?: ServerUser | undefined
  /** What the fleet is made of; left out: the product's own nouns. */
  nouns?: Registry | undefined
  /** The work of the nouns that the platform itself holds; left out: it holds none. */
  services?: Services | undefined
  /** Who may do what; left out: by the built-in roles. */
  policy?: Policy | undefined
  /** Milliseconds that a request has to arrive whole; tests alone shorten them. */
  arrivalMs?: number | undefined
  /** Ends the start while it waits for the database. */
  signal?: AbortSignal | undefined
  /** Called with a name between any two steps of an operation; tests alone end the process there. */
  failurePoint?: ((name: string) => void) | undefined
}

export interface ControlPlane {
  readonly app: App
  readonly api: RestApi
  readonly port: number
  readonly scope: OrganisationScope
  readonly secrets: Secrets
  readonly actors: Actors
  readonly routes: readonly HttpRoute[]
  readonly upgrades: readonly UpgradeRoute[]
  /** The one-time link while there is no owner. */
  readonly setupLink: string | null
  readonly databaseUrl: string
  close(): Promise<void>
}

/** Starts everything and listens. What was started is taken down again where a later part fails. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const {
    env,
    log,
    databaseUser,
    failurePoint,
    nouns = registry,
    services = {},
    policy = rolePolicy(nouns.permissions),
    signal = new AbortController().signal,
  } = options
  requireServices(nouns, services)
  const closers: (() => Promise<void> | void)[] = []
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    const originPolicy = new OriginPolicy(env)
    const proxies = new TrustedProxies(env.trustedProxies)
    const tls = await openTls(env, log)
    const front = { policy: originPolicy, proxies, tls, log }
    const health = new DatabaseHealth()
    const waits = new WaitingFront(health, { ...front, port: env.port, address: env.listen })
    closers.push(() => waits.close())
    const database = await startDatabase({ ...env, log, user: databaseUser, health, signal })
    await waits.close()
    closers.push(() => database.close())
    const { db } = database
    const secrets = await openSecrets(env.dataDir)
    const organisation = await db.organisations.ensureDefault('Flotilla')
    const scope = { organisationId: organisation.id }
    const index = new FleetIndex(organisation.id, undefined, nouns)
    const gateway = new HostGateway(index)
    await db.hosts.ensureLocal(scope, hostname())
    await loadIndex(index, db, log)
    const writer = new IndexWriter(index, db, log)
    closers.push(() => writer.close())

    const origins = [...originPolicy.origins]
    const identityOptions = { db, secret: secrets.auth, instance: env.instance, publicUrl: env.publicUrl, origins }
    const identity = createIdentityService(identityOptions)
    const actors = new Actors(db, identity)
    const holder = createHash('sha256').update(secrets.identity.fingerprint).digest('hex').slice(0, 16)
    const sealer = new Sealer(operationsKey(secrets))
    const refusals = new Refusals(
      (of, entry) => db.audit.append(of, entry),
      (error) => log.error({ err: error }, 'the number of refusals of a minute could not be written'),
    )
    closers.push(() => refusals.close())
    closers.push(retainAudit(db, env.audit, log))
    const app: App = {
      db,
      refusals,
      index,
      gateway,
      operations: new OperationRuns({ db, log, holder, sealer, failurePoint }),
      services,
      log,
      policy,
      hashPassword,
      joinToken: (id) => joinTokenText(secrets, id, env.publicUrl),
      addSshHost: (owner, desired, allow) => sshHosts.add(owner, desired, index, allow),
      publicUrl: env.publicUrl,
      organisationName: organisation.name,
      version,
      accessChanged: () => {
        actors.forget()
        void live.reconsider()
        db.access
          .hasAnyOwner(scope)
          .then((done) => (done ? withdrawSetup(env.dataDir) : undefined))
          .catch((error: unknown) => log.warn({ err: error }, 'the used set-up link could not be removed'))
      },
    }

    const stop = new AbortController()
    const agents = new AgentRoute({ app, secrets, holder })
    const dialing = new Set<Promise<void>>()
    const keep = (host: HostRow, dial: Dial) => {
      const untilRemoved = async () => {
        try {
          await keepLink(app, host, dial, holder, stop.signal)
        } finally {
          if (index.host(host.id) === undefined) await sshHosts.forget(host.id)
        }
      }
      const retained = untilRemoved().finally(() => dialing.delete(retained))
      dialing.add(retained)
    }
    const sshHosts = new SshHosts({ dataDir: env.dataDir, db, secrets, publicUrl: env.publicUrl, version, keep })
    const streams = streamShares()
    const live = new LiveServer(app, actors, streams)
    let liveOpen = true
    const closeLive = async () => {
      if (liveOpen) await live.close()
      liveOpen = false
    }
    closers.push(closeLive)
    const dashboard = await openDashboard(env.dashboardDir, log)
    const api = createRestApi(createRouter(nouns), nouns)
    const isSecure = env.publicUrl.startsWith('https:')
    const devices = new KnownDevices({ secret: secrets.auth, instance: env.instance, isSecure })
    const identityRoute = new IdentityRoute(identity, app, devices, (address) => proxies.isShared(address))
    const routes = httpRoutes({
      ...{ app, api, actors, identity: identityRoute, dashboard, streams },
      ...{ bodies: bodyShares(), trouble: () => health.trouble },
    })
    const upgrades: UpgradeRoute[] = [
      {
        path: '/api/socket.io',
        from: 'browser',
        access: 'signed-in',
        upgrade: (request, socket, head) => live.upgrade(request, socket, head),
      },
      {
        path: '/api/agent',
        from: 'program',
        access: 'agent-key',
        upgrade: (request, socket, head) => agents.upgrade(request, socket, head),
      },
    ]
    const setupLink = await offerSetup(db, scope, env)
    const server = createHttpServer({
      ...{
        routes,
        upgrades,
        ...front,
        arrivalMs: options.arrivalMs,
      },
    })
    const port = await listen(server, env.port, env.listen)
    closers.push(async () => {
      await closeLive() // its sockets would keep the server open
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    })

    for (const host of await db.hosts.listAll()) {
      const dial = host.transport === 'socket' ? localDial(env.agentSocket) : sshHosts.dialOf(host)
      if (dial !== null) keep(host, dial)
    }
    closers.push(async () => {
      stop.abort()
      agents.close()
      await Promise.all(dialing)
    })
    closers.push(await beginOperations(app))
    log.info({ port, listen: env.listen }, 'the control plane listens')
    return {
      app,
      api,
      port,
      scope,
      secrets,
      actors,
      routes,
      upgrades,
      setupLink,
      databaseUrl: database.url,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
