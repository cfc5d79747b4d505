import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { instanceOf } from '../../config/src/instance.mjs'
import { Trouble } from './trouble.mjs'

/**
 * @typedef {object} Settings
 * @property {string} root the clone's folder
 * @property {number} port
 * @property {string} listen the address to listen on
 * @property {string} publicUrl how browsers reach it
 * @property {string} instance six hex digits that tell this installation from another on the same machine
 * @property {string} dataDir
 * @property {string} runDir
 * @property {string} logLevel
 * @property {number} demoPort where the demo registry listens on loopback
 */

/**
 * What the environment asks for.
 * @param {Record<string, string | undefined>} env
 * @returns {Settings}
 */
export function settingsFrom(env) {
  const port = portFrom(env, 'FLOTILLA_PORT', 4600)
  const demoPort = portFrom(env, 'FLOTILLA_DEMO_PORT', port + 500 > 65_535 ? port - 500 : port + 500)
  const dataDir = resolve(env['FLOTILLA_DATA_DIR'] ?? '/var/lib/flotilla')
  const instance = instanceOf(dataDir)
  const listen = env['FLOTILLA_LISTEN'] ?? '127.0.0.1'
  const runDir = resolve(env['FLOTILLA_RUN_DIR'] ?? `/run/flotilla/${instance}`)
  // A unix socket's path ends at 108 bytes, and the longest one under the run folder is a container's.
  if (Buffer.byteLength(runDir) > 60) {
    throw new Trouble(`FLOTILLA_RUN_DIR ${runDir} is too long for the sockets in it; at most 60 bytes.`)
  }
  const publicUrl = env['FLOTILLA_PUBLIC_URL'] ?? `${isLoopback(listen) ? 'http' : 'https'}://${host(listen)}:${port}`
  if (!/^https?:\/\//.test(publicUrl) || !URL.canParse(publicUrl)) {
    throw new Trouble(`FLOTILLA_PUBLIC_URL is ${publicUrl}; it must be an http or https address.`)
  }
  return {
    root: fileURLToPath(new URL('../../../', import.meta.url)),
    port,
    listen,
    publicUrl: new URL(publicUrl).origin,
    instance,
    dataDir,
    runDir,
    logLevel: env['FLOTILLA_LOG_LEVEL'] ?? 'info',
    demoPort,
  }
}

/**
 * @param {Record<string, string | undefined>} env
 * @param {string} name
 * @param {number} otherwise
 */
function portFrom(env, name, otherwise) {
  const port = Number(env[name] ?? otherwise)
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port
  throw new Trouble(`${name} is ${env[name]}; it must be a number from 1 to 65535.`)
}

/** @param {string} listen */
export function isLoopback(listen) {
  return listen === 'localhost' || listen === '::1' || listen.startsWith('127.')
}

/** @param {string} listen */
function host(listen) {
  if (listen === '0.0.0.0' || listen === '::') return 'localhost'
  return listen.includes(':') ? `[${listen}]` : listen
}

/**
 * Folders of the instance, and what each process is told of them.
 * @param {Settings} settings
 */
export function folders({ dataDir, runDir }) {
  return {
    agentData: join(dataDir, 'agent'),
    controlPlaneData: join(dataDir, 'control-plane'),
    postgresData: join(dataDir, 'postgres'),
    logs: join(dataDir, 'logs'),
    builds: join(dataDir, 'app'),
    /** An OCI layout with the first image. */
    starter: join(dataDir, 'starter'),
    demo: join(dataDir, 'demo'),
    /** What the running platform was started with. */
    settings: join(runDir, 'settings.json'),
    /** How each process of the platform does. */
    parts: join(runDir, 'parts.json'),
    setupLink: join(dataDir, 'control-plane/setup-link'),
    agentSocket: join(runDir, 'agent.sock'),
    upPid: join(runDir, 'up.pid'),
  }
}
