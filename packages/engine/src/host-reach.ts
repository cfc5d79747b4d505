import { realpath } from 'node:fs/promises'
import { type HostReach, hostReachOf, type ReachFacts } from '@flotilla/protocol'

/** The same as `hostReachOf`, of where the mounts and places really are on this machine: any of them may be a link. */
export async function hostReachHere(facts: ReachFacts, places: readonly string[]): Promise<HostReach[]> {
  const asWritten = hostReachOf(facts, places)
  const mounts = await Promise.all(facts.mounts.map(async (one) => ({ ...one, source: await realPath(one) })))
  const real = await Promise.all(places.map((path) => realPath({ type: 'bind', source: path })))
  const asTheyAre = hostReachOf({ ...facts, mounts }, [...places, ...real])
  return [...new Set([...asWritten, ...asTheyAre])]
}

/** A path that is not here leads nowhere else either. */
async function realPath({ type, source }: { type: string; source: string }): Promise<string> {
  return type === 'bind' ? realpath(source).catch(() => source) : source
}
