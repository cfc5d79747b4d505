import type { FleetHost } from '@flotilla/protocol'
import type { ListFilter } from '../../noun-pages/list-filters.tsx'
import { labelTexts } from './label-text.ts'

/** What the list is narrowed to: one group, and labels of which a host has all. */
export interface HostFilter {
  group?: string
  label?: string
}

/** The hosts that pass the filters. */
export function filteredHosts(hosts: readonly FleetHost[], { group, label }: HostFilter): readonly FleetHost[] {
  const labels = label?.split(',') ?? []
  return hosts.filter((host) => {
    const has = labelTexts(host)
    return (group === undefined || host.groups.includes(group)) && labels.every((each) => has.includes(each))
  })
}

/** The chips of the list: of each, those values that any host has; null where there is none to choose. */
export function hostFilters(
  hosts: readonly FleetHost[],
  chosen: HostFilter,
  titles: { group: string; label: string },
): (ListFilter | null)[] {
  const filter = (name: keyof HostFilter, valuesOf: (host: FleetHost) => readonly string[]): ListFilter | null => {
    const counts = new Map<string, number>()
    for (const host of hosts) for (const value of valuesOf(host)) counts.set(value, (counts.get(value) ?? 0) + 1)
    for (const value of chosen[name]?.split(',') ?? []) if (!counts.has(value)) counts.set(value, 0)
    const choices = [...counts].map(([value, count]) => ({ value, label: value, count }))
    if (choices.length === 0) return null
    return { name, title: titles[name], choices: choices.sort((a, b) => a.value.localeCompare(b.value)) }
  }
  const label = filter('label', labelTexts)
  return [filter('group', ({ groups }) => groups), label === null ? null : { ...label, several: true }]
}
