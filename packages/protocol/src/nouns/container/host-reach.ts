import { z } from 'zod'
import { fail } from '../../errors/index.ts'
import { containerPrivileged } from './container-kind.ts'
import type { ContainerDetail } from './container.ts'

/** What gives whoever runs commands in a container the host that it is on. */
export const HostReach = z.enum(['privileged', 'hostPid', 'sysAdmin', 'hostFolder', 'engineSocket'])
export type HostReach = z.infer<typeof HostReach>

/** What an engine answers of a container that decides whether it reaches its host. */
export interface ReachFacts {
  /** Everything at once, as Docker's privileged mode gives it. */
  readonly isPrivileged?: boolean
  readonly isInHostPid?: boolean
  readonly capabilities: readonly string[]
  readonly mounts: readonly { readonly type: string; readonly source: string; readonly readOnly: boolean }[]
}

/** Who writes to these, to what is in them or to what holds them changes who is root on the host. */
const folders = ['/etc', '/proc']
/** What containers are often given of these, and what is nothing but a name or the time. */
const harmless = ['/etc/localtime', '/etc/timezone', '/etc/hostname', '/etc/hosts', '/etc/resolv.conf']
/** Sockets of engines, and folders with such ones alone. */
const sockets = ['docker.sock', 'docker', 'containerd', 'podman', 'crio', 'flotilla'].map((name) => `/run/${name}`)
const socketName = /\/(docker|podman|containerd|crio|cri-dockerd|buildkitd)\.sock$/

/**
 * Why commands in a container take the right to what reaches into the host; empty where they do not. A bind mount of anything
 * else is no reason. A socket that is mounted to be read takes connections all the same, and so does one in a folder. `places` are
 * an engine's further sockets, or folders of such.
 */
export function hostReachOf(facts: ReachFacts, places: readonly string[] = []): HostReach[] {
  const { isPrivileged = false, isInHostPid = false, capabilities, mounts } = facts
  const binds = mounts
    .filter(({ type }) => type === 'bind')
    .map(({ source, readOnly }) => ({ source: plainPath(source), readOnly }))
  const reasons: [HostReach, boolean][] = [
    ['privileged', isPrivileged],
    ['hostPid', isInHostPid],
    ['sysAdmin', capabilities.includes('CAP_SYS_ADMIN')],
    ['hostFolder', binds.some(({ source, readOnly }) => !readOnly && reachesFolder(source))],
    ['engineSocket', binds.some(({ source }) => reachesSocket(source, places.map(plainPath)))],
  ]
  return reasons.flatMap(([reason, holds]) => (holds ? [reason] : []))
}

/**
 * The same of an engine's whole answer: what it says itself, since it knows its sockets and where links lead to, and what its
 * other fields say, which is all that an older agent has.
 */
export function reachesHost(detail: ReachFacts & { readonly reachesHost?: readonly string[] | undefined }): string[] {
  return [...new Set([...(detail.reachesHost ?? []), ...hostReachOf(detail)])]
}

const words: Record<HostReach, string> = {
  privileged: 'it is privileged',
  hostPid: "it is among the host's processes",
  sysAdmin: 'it has CAP_SYS_ADMIN',
  hostFolder: 'it may write to /, /etc or /proc of the host',
  engineSocket: "it has an engine's socket",
}

/** Throws PERMISSION_DENIED, with the reasons, where a container reaches its host. */
export function refuseHostReach(detail: ContainerDetail): void {
  const reasons = reachesHost(detail).map((reason) =>
    Object.hasOwn(words, reason) ? words[reason as HostReach] : reason,
  )
  if (reasons.length === 0) return
  const { name } = detail.container
  throw fail('access.reachesHost', { name, reasons: reasons.join(', '), permission: containerPrivileged })
}

function reachesFolder(source: string): boolean {
  return folders.some((folder) => overlaps(source, folder)) && !harmless.includes(source)
}

function reachesSocket(source: string, places: readonly string[]): boolean {
  return socketName.test(source) || [...sockets, ...places].some((socket) => overlaps(source, socket))
}

/** One is the other, or is somewhere in it. */
function overlaps(one: string, other: string): boolean {
  const [a, b] = [one, other].map((path) => (path === '/' ? path : `${path}/`)) as [string, string]
  return a.startsWith(b) || b.startsWith(a)
}

/** Without what a path may have too much; `/var/run` is a link to `/run` everywhere. */
function plainPath(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`.replace(/^\/var\/run(?=\/|$)/, '/run')
}
