import type { TimelineEntry } from '@flotilla/protocol'

/** What one did or what happened, as a person would tell it: the events of a stop are one stop. */
export interface Change {
  /** The first event's place in time and name, for a list's key. */
  key: string
  at: string
  /** The noun of what changed, or `host`. */
  kind: string
  objectId: string
  action: string
  subject: string
  hostId: string
  hostName: string
  actor: string | null
  exitCode: number | null
  /** How often in a row. */
  count: number
}

/** Events of one object that are closer than this belong to one change. */
const togetherMs = 3000
/** Of events together, the first of these is what is told. */
const telling = ['destroy', 'restart', 'oom', 'stop', 'die', 'kill', 'start', 'create']
/** Not worth telling: nobody did them, or nothing changes by them. An `update` says only that a row is new. */
const quiet = /^(update|exec|health_status|attach|detach|resize|top|commit|copy|archive-path|tag)/

/** Whether a change is one that nobody wished for. */
export function isTrouble(change: Pick<Change, 'action' | 'exitCode'>): boolean {
  if (change.action === 'die') return change.exitCode !== 0
  return change.action === 'oom' || change.action === 'away'
}

/** Tells the timeline, which is newest first, as changes, newest first. `from`: nothing before it, in milliseconds. */
export function changesOf(timeline: readonly TimelineEntry[], from: number): Change[] {
  const changes: Change[] = []
  const open = new Map<string, { change: Change; oldest: number }>()
  for (const entry of timeline) {
    const time = Date.parse(entry.at)
    if (time < from || quiet.test(entry.action)) continue
    const known = open.get(entry.objectId)
    if (known !== undefined && known.oldest - time <= togetherMs) {
      join(known.change, entry)
      known.oldest = time
      continue
    }
    const change = { ...entry, key: `${entry.at} ${entry.hostId} ${entry.subject} ${entry.action}`, count: 1 }
    changes.push(change)
    open.set(entry.objectId, { change, oldest: time })
  }
  for (const change of changes) if (change.action === 'die' || change.action === 'oom') change.actor = null
  return changes
}

function join(change: Change, entry: TimelineEntry): void {
  if (rank(entry.action) < rank(change.action)) change.action = entry.action
  change.actor ??= entry.actor
  change.exitCode ??= entry.exitCode
}

function rank(action: string): number {
  const at = telling.indexOf(action)
  return at === -1 ? telling.length : at
}

/** The same again and again is told once, with its count and its latest time. */
export function repeated(changes: readonly Change[]): Change[] {
  const reported: Change[] = []
  for (const change of changes) {
    const same = reported
      .slice(-8)
      .find((each) => each.subject === change.subject && each.action === change.action && each.hostId === change.hostId)
    if (
      same !== undefined &&
      same.actor === change.actor &&
      same.exitCode === change.exitCode &&
      change.objectId === same.objectId
    )
      same.count += 1
    else reported.push({ ...change })
  }
  return reported
}
