import type { AnyNoun, Overview, Problem, RowProblem } from '@flotilla/protocol'
import type { ActorContext } from '../context.ts'
import type { Holder, Sight } from '../fleet/holder.ts'
import { type HostEntry, iso } from '../fleet/host-entry.ts'
import { seenRow } from '../fleet/seen-row.ts'
import { WatchedHolder } from '../fleet/watched-holder.ts'
import { hostsOf } from '../hosts/select-hosts.ts'
import { listHosts } from '../hosts/service.ts'
import { readerOf } from '../nouns/sight.ts'
import { namesOf } from '../operations/service.ts'

const fullDisk = 0.05
const mostProblems = 200

/** What is wrong now, what changed lately, what is in use: from the index alone, of what the caller sees. */
export async function overview(ctx: ActorContext): Promise<Overview> {
  const { index } = ctx.app
  const reader = readerOf(ctx)
  const { watched, platform } = index.nouns
  const { sees } = reader
  const problems = [
    ...hostsOf(index, reader).flatMap((host) => [...hostProblems(host), ...objectProblems(watched, host, sees)]),
    ...index.engines(ctx.actor).flatMap((engine) => objectProblems(watched, engine, sees)),
    ...objectProblems(platform, index.platform(ctx.actor), sees),
  ].sort((a, b) => rank(a) - rank(b) || ((b.since ?? '') > (a.since ?? '') ? 1 : -1))
  const names = await namesOf(ctx)
  return {
    problems: problems.slice(0, mostProblems),
    timeline: index.timelineOf(reader).map(({ actorId, ...entry }) => ({
      ...entry,
      actor: actorId === null ? null : (names.get(actorId) ?? null),
    })),
    timelineSince: index.timeline.since,
    hosts: listHosts(ctx).slice(0, 2000),
  }
}

function objectProblems(nouns: readonly AnyNoun[], holder: Holder, sees: Sight): Problem[] {
  return nouns.flatMap((noun) => {
    const { kind, problems } = noun
    if (problems === undefined) return []
    return [...holder.rows(kind).values()].flatMap((row) => {
      if (problems(row.value).length === 0 || !sees(holder, kind, row)) return []
      const found = problems(seenRow(noun, holder, row, sees)) as readonly RowProblem[]
      const hostId = holder instanceof WatchedHolder ? holder.reach(kind, row, sees).hostId : null
      const about = { hostId, object: { kind, id: row.id } }
      return found.map((problem) => ({ ...problem, ...about, id: `${row.id}/${problem.kind}` }))
    })
  })
}

function rank(problem: Problem): number {
  return problem.severity === 'critical' ? 0 : 1
}

function hostProblems(host: HostEntry): Problem[] {
  const about = { hostId: host.id, object: null }
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
      since: iso(host.enginesAway.get(engine.id) ?? null),
    })
  }
  const disk = diskProblem(host)
  return disk === undefined ? problems : [...problems, { ...about, ...disk }]
}

function diskProblem({ id, name, facts }: HostEntry): Omit<Problem, 'hostId' | 'object'> | undefined {
  if (facts === null || facts.diskFreeBytes >= facts.diskTotalBytes * fullDisk) return undefined
  const { diskFreeBytes, diskFloorBytes = 0, diskFolder } = facts
  const isBelow = diskFreeBytes < diskFloorBytes
  const where = diskFolder === undefined ? '' : ` on the disk of ${diskFolder}`
  const left = `${Math.floor(diskFreeBytes / 1024 ** 2)} MiB are left${where}.`
  const rest = ` That is for what runs: nothing new is made there until more than ${Math.ceil(diskFloorBytes / 1024 ** 2)} MiB are free.`
  return {
    id: `${id}/disk`,
    kind: 'disk-full',
    severity: 'critical',
    title: `The disk of ${name} is ${isBelow ? 'full' : 'almost full'}`,
    cause: isBelow ? `${left}${rest}` : left,
    since: null,
  }
}
