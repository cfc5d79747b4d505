import type { FleetHost } from '@flotilla/protocol'

/** The engines that any host has, once each, for a filter: their ids with their names. */
export function engineChoices(hosts: readonly FleetHost[]): { value: string; label: string }[] {
  const names = new Map(hosts.flatMap((host) => host.engines.map((engine) => [engine.id, engine.name] as const)))
  return [...names].map(([value, label]) => ({ value, label })).sort((a, b) => a.label.localeCompare(b.label))
}
