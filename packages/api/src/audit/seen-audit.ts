import type { AuditRow } from '@flotilla/db'
import type { ActorContext } from '../context.ts'
import { hiddenWord, withoutWords as withoutNames } from '../fleet/hidden-words.ts'
import { everything } from '../fleet/holder.ts'
import { everyHost } from '../fleet/host-sight.ts'
import { withoutWords } from '../nouns/hidden-marks.ts'
import { marksOf } from '../nouns/seen-objects.ts'
import { readerOf } from '../nouns/sight.ts'

/**
 * Entries of the audit as a reader is told them: who did what and when always, but neither the name nor an id of an object or a
 * host that is there and that they do not see.
 */
export function auditSight(ctx: Pick<ActorContext, 'app' | 'actor'>): (entry: AuditRow) => AuditRow {
  const reader = readerOf(ctx)
  const { index } = ctx.app
  if (reader.sees === everything && reader.seesHost === everyHost) return (entry) => entry
  const hosts = index.hosts(reader).filter((host) => !reader.seesHost(host))
  const hostIds = new Set(hosts.map(({ id }) => id))
  const hostWords = new Set(hosts.flatMap(({ id, name }) => [id, name]))
  const marks = marksOf(ctx).map((mark) => ({ ...mark, words: new Set([...mark.words, ...mark.platformIds]) }))
  const clean = (text: string) => marks.reduce(withoutWords, withoutNames(text, hostWords))
  return (entry) =>
    entry.hostId !== null && hostIds.has(entry.hostId)
      ? { ...entry, hostId: null, target: hiddenWord }
      : { ...entry, target: clean(entry.target) }
}
