import { join } from 'node:path'
import { memoryEnvironment } from './memory.mjs'

/** @typedef {ReturnType<typeof import('./settings.mjs').folders>} Places */

/** Of what stands in our own environment, what each process is given; nothing else is passed on. */
const passed = {
  agent: ['FLOTILLA_ENGINES', 'FLOTILLA_DOCKER_SOCKET', 'FLOTILLA_RESERVE_BYTES'],
  controlPlane: [
    ...['DATABASE_URL', 'FLOTILLA_TLS_CERT', 'FLOTILLA_TLS_KEY', 'FLOTILLA_TRUSTED_PROXIES'],
    ...['FLOTILLA_AUDIT_DAYS', 'FLOTILLA_AUDIT_ENTRIES', 'FLOTILLA_RESERVE_BYTES'],
  ],
}

/**
 * @param {import('./settings.mjs').Settings} settings
 * @returns {Record<string, string>}
 */
function common({ dataDir, runDir, logLevel }) {
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/podman',
    LC_ALL: 'C.UTF-8',
    HOME: '/nonexistent',
    NODE_ENV: 'production',
    ...memoryEnvironment,
    FLOTILLA_DATA_DIR: dataDir,
    FLOTILLA_RUN_DIR: runDir,
    FLOTILLA_LOG_LEVEL: logLevel,
  }
}

/**
 * What the agent finds in its environment.
 * @param {import('./settings.mjs').Settings} settings
 * @param {Places} places
 * @param {Record<string, string | undefined>} own our own environment
 */
export function agentEnvironment(settings, places, own = process.env) {
  return { ...common(settings), ...given(passed.agent, own), FLOTILLA_STARTER_LAYOUT: places.starter }
}

/**
 * What the control plane and its command line find in theirs.
 * @param {import('./settings.mjs').Settings} settings
 * @param {Places} places
 * @param {string} staged
 * @param {Record<string, string | undefined>} own our own environment
 */
export function controlPlaneEnvironment(settings, places, staged, own = process.env) {
  return {
    ...common(settings),
    ...given(passed.controlPlane, own),
    FLOTILLA_PORT: String(settings.port),
    FLOTILLA_LISTEN: settings.listen,
    FLOTILLA_PUBLIC_URL: settings.publicUrl,
    FLOTILLA_AGENT_SOCKET: places.agentSocket,
    FLOTILLA_DASHBOARD_DIR: join(staged, 'dashboard'),
    FLOTILLA_MIGRATIONS_DIR: join(staged, 'migrations'),
  }
}

/**
 * @param {readonly string[]} names
 * @param {Record<string, string | undefined>} own
 * @returns {Record<string, string>}
 */
function given(names, own) {
  return Object.fromEntries(names.map((name) => [name, own[name] ?? '']).filter(([, value]) => value !== ''))
}
