import { join, resolve } from 'node:path'
import { instanceOf } from '@flotilla/config/instance'
import type { AuditRetention } from '@flotilla/db'
import { reserveFrom } from '@flotilla/host'
import { fail } from '@flotilla/protocol'

/** What the environment tells the control plane. */
export interface Env {
  /** First six hex digits of sha256 of the data folder's path: what names outside of it carry. */
  instance: string
  /** The control plane's own folder: its keys and the set-up link. */
  dataDir: string
  postgresDir: string
  port: number
  listen: string
  /** How browsers and agents reach it; without a slash at the end. */
  publicUrl: string
  agentSocket: string
  dashboardDir: string | undefined
  migrationsDir: string
  databaseUrl: string | undefined
  logLevel: string
  /** A certificate and key in PEM for listening beyond loopback; without them it makes its own. */
  tlsCertFile: string | undefined
  tlsKeyFile: string | undefined
  /** Addresses and networks of the proxies whose `X-Forwarded-For` is believed. */
  trustedProxies: readonly string[]
  /** What is held back of the database's disk, instead of a share of it. */
  reserveBytes: number | undefined
  /** How much of the audit is kept. */
  audit: AuditRetention
}

/** Throws INVALID_ARGUMENT with the name of the variable that is wrong. */
export function readEnv(env: Record<string, string | undefined> = process.env): Env {
  const root = resolve(env.FLOTILLA_DATA_DIR ?? '/var/lib/flotilla')
  const instance = instanceOf(root)
  const runDir = resolve(env.FLOTILLA_RUN_DIR ?? `/run/flotilla/${instance}`)
  const port = Number(env.FLOTILLA_PORT ?? 4600)
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw fail('server.badPort', { port: env.FLOTILLA_PORT ?? '' })
  }
  const listen = env.FLOTILLA_LISTEN ?? '127.0.0.1'
  return {
    instance,
    dataDir: join(root, 'control-plane'),
    postgresDir: join(root, 'postgres'),
    port,
    listen,
    publicUrl: publicUrl(env.FLOTILLA_PUBLIC_URL, listen, port),
    agentSocket: resolve(env.FLOTILLA_AGENT_SOCKET ?? join(runDir, 'agent.sock')),
    dashboardDir: env.FLOTILLA_DASHBOARD_DIR,
    migrationsDir: resolve(env.FLOTILLA_MIGRATIONS_DIR ?? 'prisma/migrations'),
    databaseUrl: env.DATABASE_URL === '' ? undefined : env.DATABASE_URL,
    logLevel: env.FLOTILLA_LOG_LEVEL ?? 'info',
    tlsCertFile: env.FLOTILLA_TLS_CERT,
    tlsKeyFile: env.FLOTILLA_TLS_KEY,
    trustedProxies: (env.FLOTILLA_TRUSTED_PROXIES ?? '')
      .split(',')
      .map((proxy) => proxy.trim())
      .filter((proxy) => proxy !== ''),
    reserveBytes: reserveFrom(env.FLOTILLA_RESERVE_BYTES),
    audit: {
      days: countOf(env, 'FLOTILLA_AUDIT_DAYS', 365),
      entries: countOf(env, 'FLOTILLA_AUDIT_ENTRIES', 1_000_000),
    },
  }
}

function countOf(env: Record<string, string | undefined>, variable: string, usual: number): number {
  const given = env[variable]
  if (given === undefined || given === '') return usual
  if (!/^[1-9][0-9]{0,8}$/.test(given)) throw fail('server.badCount', { variable, value: given.slice(0, 100) })
  return Number(given)
}

/** Whether only programs of this machine can reach the address. */
export function isLoopback(listen: string): boolean {
  return listen === 'localhost' || listen === '::1' || listen.startsWith('127.')
}

function publicUrl(given: string | undefined, listen: string, port: number): string {
  if (given === undefined || given === '') {
    const host = listen === '0.0.0.0' || listen === '::' ? 'localhost' : listen
    return `${isLoopback(listen) ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`
  }
  if (!/^https?:\/\//.test(given) || !URL.canParse(given)) {
    throw fail('server.badPublicUrl', { url: given })
  }
  return new URL(given).origin
}
