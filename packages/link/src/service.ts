import type { MethodTable, PartialHandlers, StoredReason } from '@flotilla/protocol'

/** What can be called under one name on a link. */
export interface Service {
  readonly methods: MethodTable
  readonly handlers: PartialHandlers<MethodTable>
  /** Why a method (`containers.pause`) cannot be called; looked up before its handler. */
  readonly absences?: (() => Readonly<Record<string, StoredReason>>) | undefined
}

/** A typed service: the handlers must fit the table. */
export function service<T extends MethodTable>(
  methods: T,
  handlers: PartialHandlers<T>,
  absences?: () => Readonly<Record<string, StoredReason>>,
): Service {
  // A handler takes exactly its own method's input; the dispatcher parses the input by that method before it calls.
  return { methods, handlers: handlers as PartialHandlers<MethodTable>, absences }
}
