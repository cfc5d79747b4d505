import type { FleetVolume } from '@flotilla/protocol'

/** What a volume is called; one that was made for a single container has only its id. */
export function volumeName({ name, anonymous }: Pick<FleetVolume, 'name' | 'anonymous'>): string {
  return anonymous ? name.slice(0, 12) : name
}
