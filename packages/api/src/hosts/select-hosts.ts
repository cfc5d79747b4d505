import { fail } from '@flotilla/protocol'
import type { FleetIndex } from '../fleet/fleet-index.ts'
import type { HostEntry } from '../fleet/host-entry.ts'
import type { HostReader } from '../fleet/host-sight.ts'

/**
 * The hosts that a selector names, of those that the reader sees, by name: `group:NAME`, `label:KEY` (whatever its value),
 * `label:KEY=VALUE`, or one host's id or name. NOT_FOUND where it names none, INVALID_ARGUMENT where nothing stands behind
 * the colon.
 */
export function selectHosts(index: FleetIndex, reader: HostReader, selector: string): HostEntry[] {
  const hosts = hostsOf(index, reader)
  const [, kind, text] = /^(group|label):(.*)$/s.exec(selector) ?? []
  if (kind === undefined || text === undefined) {
    const found = hosts.find(({ id }) => id === selector) ?? hosts.find(({ name }) => name === selector)
    if (found === undefined) throw fail('fleet.noHost', { ref: selector.slice(0, 300) })
    return [found]
  }
  if (text === '' || text.startsWith('=')) throw fail('fleet.badSelector')
  const matches = kind === 'group' ? inGroup(text) : withLabel(text)
  const found = hosts.filter(matches)
  if (found.length > 0) return found
  const asked = text.slice(0, 300)
  throw kind === 'group' ? fail('fleet.noneInGroup', { name: asked }) : fail('fleet.noneWithLabel', { label: asked })
}

/** The hosts that a reader sees, by name. */
export function hostsOf(index: FleetIndex, reader: HostReader): HostEntry[] {
  return index
    .hosts(reader)
    .filter(reader.seesHost)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Whether a host is in the group. */
export function inGroup(name: string): (host: HostEntry) => boolean {
  return ({ attributes: { groups } }) => groups.includes(name)
}

/** Whether a host has the label, given as `KEY` or `KEY=VALUE`. */
export function withLabel(text: string): (host: HostEntry) => boolean {
  const at = text.indexOf('=')
  const key = at === -1 ? text : text.slice(0, at)
  return ({ attributes: { labels } }) => Object.hasOwn(labels, key) && (at === -1 || labels[key] === text.slice(at + 1))
}
