import type { Container, Overview, Problem } from '@flotilla/protocol'
import type { ActorContext } from '../context.ts'
import { type HostEntry, iso } from '../fleet/host-entry.ts'
import type { Row } from '../fleet/object-table.ts'
import { listHosts } from '../hosts/service.ts'

const fullDisk = 0.05
const recentMs = 24 * 60 * 60_000
const mostProblems = 200

/** What is wrong now, what changed lately, what is in use: from the index alone. */
export function overview(ctx: ActorContext): Overview {
  const problems = ctx.app.index.hosts(ctx.actor).flatMap((host) => [
    ...hostProblems(host),
    ...[...host.containers.rows.values()].flatMap((row) => {
      const problem = containerProblem(host, row)
      return problem === null ? [] : [problem]
    }),
  ])
  problems.sort((a, b) => rank(a) - rank(b) || ((b.since ?? '') > (a.since ?? '') ? 1 : -1))
  return {
    problems: problems.slice(0, mostProblems),
    timeline: ctx.app.index.timelineOf(ctx.actor),
    timelineSince: ctx.app.index.timeline.since,
    hosts: listHosts(ctx).slice(0, 2000),
  }
}

function rank(problem: Problem): number {
  return problem.severity === 'critical' ? 0 : 1
}

function hostProblems(host: HostEntry): Problem[] {
  const about = { hostId: host.id, containerId: null }
  const problems: Problem[] = []
  // One that is being connected has a reason only where its watch failed.
  const isSilent = host.state === 'connecting' && host.reason !== undefined
  if (host.state === 'away' || isSilent) {
    problems.push({
      ...about,
      id: `${host.id}/away`,
      kind: 'host-away',
      severity: 'critical',
      title: isSilent ? `What ${host.name} has is not known now` : `${host.name} cannot be reached`,
      cause: host.reason ?? 'Its agent does not answer.',
      since: iso(host.lastSeenAt),
    })
  }
  for (const engine of host.engines) {
    if (engine.state === 'ready') continue
    problems.push({
      ...about,
      id: `${host.id}/engine/${engine.id}`,
      kind: 'engine-unavailable',
      severity: 'warning',
      title: `${engine.name} on ${host.name} is not available`,
      cause: engine.reason ?? 'It gives no reason.',
      since: null,
    })
  }
  if (host.facts !== null && host.facts.diskFreeBytes < host.facts.diskTotalBytes * fullDisk) {
    problems.push({
      ...about,
      id: `${host.id}/disk`,
      kind: 'disk-full',
      severity: 'critical',
      title: `The disk of ${host.name} is almost full`,
      cause: `${Math.floor(host.facts.diskFreeBytes / 1024 ** 2)} MiB are left.`,
      since: null,
    })
  }
  return problems
}

function containerProblem(host: HostEntry, { id, value }: Row<Container>): Problem | null {
  const about = { hostId: host.id, containerId: id, since: value.finishedAt }
  const recent = value.finishedAt !== null && Date.now() - Date.parse(value.finishedAt) < recentMs
  if (value.state === 'restarting') {
    return {
      ...about,
      id: `${id}/restarting`,
      kind: 'restart-loop',
      severity: 'critical',
      title: `${value.name} restarts again and again`,
      cause: value.stateReason ?? `It has been restarted ${value.restartCount} times.`,
    }
  }
  if (value.state === 'unknown') {
    return {
      ...about,
      id: `${id}/unknown`,
      kind: 'unknown-state',
      severity: 'warning',
      title: `The state of ${value.name} is not known`,
      cause: value.stateReason ?? 'Its host could not tell.',
    }
  }
  if (value.oomKilled && value.state === 'exited' && recent) {
    return {
      ...about,
      id: `${id}/oom`,
      kind: 'oom-kill',
      severity: 'critical',
      title: `${value.name} ran out of memory`,
      cause: value.stateReason ?? 'The kernel ended it at its memory limit.',
    }
  }
  if (
    value.state === 'exited' &&
    value.exitCode !== null &&
    value.exitCode !== 0 &&
    recent &&
    !stopped(value.exitCode)
  ) {
    return {
      ...about,
      id: `${id}/failed`,
      kind: 'failed',
      severity: 'warning',
      title: `${value.name} ended with exit code ${value.exitCode}`,
      cause: value.stateReason ?? 'Its logs may say why.',
    }
  }
  return null
}

/** 128 + SIGINT, SIGKILL or SIGTERM: somebody stopped it. */
function stopped(exitCode: number): boolean {
  return exitCode === 130 || exitCode === 137 || exitCode === 143
}
