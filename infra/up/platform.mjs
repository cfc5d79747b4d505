import { existsSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { asPlainUser, asRoot } from './account.mjs'
import { nodeFor } from './build.mjs'
import { isLoopback } from './settings.mjs'
import { supervise } from './supervise.mjs'
import { Trouble } from './trouble.mjs'

/** @typedef {ReturnType<typeof import('./settings.mjs').folders>} Places */

/**
 * What a process of the platform finds in its environment; nothing else of ours is passed on.
 * @param {import('./settings.mjs').Settings} settings
 * @param {Places} places
 * @param {string} staged
 * @returns {Record<string, string>}
 */
export function environment(settings, places, staged) {
  const { port, listen, publicUrl, instance, dataDir, runDir, logLevel } = settings
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/podman',
    LC_ALL: 'C.UTF-8',
    HOME: '/nonexistent',
    NODE_ENV: 'production',
    FLOTILLA_PORT: String(port),
    FLOTILLA_LISTEN: listen,
    FLOTILLA_PUBLIC_URL: publicUrl,
    FLOTILLA_INSTANCE: instance,
    FLOTILLA_DATA_DIR: dataDir,
    FLOTILLA_RUN_DIR: runDir,
    FLOTILLA_LOG_LEVEL: logLevel,
    FLOTILLA_AGENT_SOCKET: places.agentSocket,
    FLOTILLA_DASHBOARD_DIR: join(staged, 'dashboard'),
    FLOTILLA_MIGRATIONS_DIR: join(staged, 'migrations'),
    ...(process.env['DATABASE_URL'] === undefined ? {} : { DATABASE_URL: process.env['DATABASE_URL'] }),
  }
}

/**
 * Starts the agent as root and the control plane as the plain user, and waits until both answer.
 * @param {import('./settings.mjs').Settings} settings
 * @param {Places} places
 * @param {{ uid: number, gid: number }} user
 * @param {string} staged
 * @param {(line: string) => void} say
 */
export async function startPlatform(settings, places, user, staged, say) {
  const env = environment(settings, places, staged)
  const node = nodeFor(staged)
  const agent = supervise(
    {
      name: 'The agent',
      argv: asRoot([node, join(staged, 'agent/agent.js')]),
      env,
      logFile: join(places.logs, 'agent.log'),
    },
    say,
  )
  const controlPlane = supervise(
    {
      name: 'The control plane',
      argv: asPlainUser([node, join(staged, 'control-plane/main.js')], user),
      env,
      logFile: join(places.logs, 'control-plane.log'),
    },
    say,
  )
  const parts = [agent, controlPlane]
  const trimming = setInterval(() => parts.forEach((part) => part.trimLog()), 60_000)
  const failed = Promise.race(parts.map((part) => part.failed))
  return {
    failed,
    /** The control plane first: nothing asks a dead agent then. Containers are conmon's and stay. */
    async stop() {
      clearInterval(trimming)
      await controlPlane.stop()
      await agent.stop()
    },
    /** Settles when both answer; throws a sentence when that takes too long or one of them cannot run. */
    async ready() {
      let gone = /** @type {string | undefined} */ (undefined)
      void failed.then((reason) => (gone = reason))
      const until = Date.now() + 60_000
      while (!(existsSync(places.agentSocket) && (await isHealthy(settings)))) {
        if (gone !== undefined) throw new Trouble(gone)
        if (Date.now() > until) {
          throw new Trouble(
            `Flotilla did not answer on port ${settings.port} within 60 s; its logs are in ${places.logs}`,
          )
        }
        await sleep(50)
      }
    },
  }
}

/**
 * @param {import('./settings.mjs').Settings} settings
 * @returns {Promise<boolean>}
 */
async function isHealthy({ port, listen, publicUrl }) {
  const url = new URL(publicUrl)
  const secure = !isLoopback(listen)
  const { request: ask } = secure ? await import('node:https') : { request }
  const host = listen === '0.0.0.0' || listen === '::' ? '127.0.0.1' : listen
  return new Promise((resolve) => {
    const asked = ask(
      // The certificate may be one of the platform's own; nothing but a yes is taken from the answer.
      { host, port, path: '/healthz', headers: { host: url.host }, timeout: 2000, rejectUnauthorized: false },
      (response) => {
        response.resume()
        resolve(response.statusCode === 200)
      },
    )
    asked.once('timeout', () => asked.destroy())
    asked.once('error', () => resolve(false))
    asked.end()
  })
}
