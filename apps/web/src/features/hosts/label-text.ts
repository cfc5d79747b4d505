import type { FleetHost } from '@flotilla/protocol'

/** A label as it is written and chosen by: `rack=b4`, or its name alone where it has no value. */
function labelText(key: string, value: string): string {
  return value === '' ? key : `${key}=${value}`
}

/** The labels of a host as they are written. */
export function labelTexts({ labels }: Pick<FleetHost, 'labels'>): string[] {
  return Object.entries(labels).map(([key, value]) => labelText(key, value))
}
