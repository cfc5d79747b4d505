import type { Engine } from '@flotilla/engine'
import { becauseOf, type FlotillaError, registry } from '@flotilla/protocol'

/** Stands for the native engine on a host that lacks something: it is shown with the reason, and can do nothing. */
export function createUnavailableEngine(id: string, failure: FlotillaError): Engine {
  const reason = failure.message
  return {
    id,
    identity: () => ({
      ...{ id, kind: 'oci', name: 'Flotilla', version: null, state: 'unavailable' as const, reason },
      ...{ runtimes: [], storageDriver: null },
    }),
    absences: () => Object.fromEntries(registry.methodNames.map((name) => [name, becauseOf(failure)])),
    close: () => Promise.resolve(),
  }
}
