import type { Engine } from '@flotilla/engine'
import { registry } from '@flotilla/protocol'

/** Stands for the native engine on a host that lacks something: it is shown with the reason, and can do nothing. */
export function createUnavailableEngine(id: string, reason: string): Engine {
  return {
    id,
    identity: () => ({
      ...{ id, kind: 'oci', name: 'Flotilla', version: null, state: 'unavailable' as const, reason },
      ...{ runtimes: [], storageDriver: null },
    }),
    absences: () => Object.fromEntries(registry.methodNames.map((name) => [name, reason])),
    close: () => Promise.resolve(),
  }
}
