import type {
  EngineEvent,
  EngineInfo,
  EngineMethods,
  PartialHandlers,
  StoredReason,
  UsageSample,
} from '@flotilla/protocol'

/** What an engine says of itself; its capabilities are derived from its handlers, never written by hand. */
export type EngineIdentity = Omit<EngineInfo, 'capabilities'>

/** An engine is a partial table of handlers. What is not there is UNSUPPORTED, with the reason given in `absences`. */
export interface Engine extends PartialHandlers<EngineMethods> {
  readonly id: string
  /** What it is and whether it can be reached, as last probed; cheap. */
  identity(): EngineIdentity
  /**
   * Why a method (`containers.pause`) or an option (`containers.create.devices`) is not available, as last probed.
   * A method without a handler needs an entry here.
   */
  absences(): Readonly<Record<string, StoredReason>>
  /**
   * Takes over what an earlier agent left: half-made things are completed or taken back. Called before any method, and again
   * where it failed. May wait as long as what it stands on hangs: the agent and its other engines do not wait for it.
   */
  recover?(signal: AbortSignal): Promise<void>
  /**
   * A question that whatever is behind the engine answers at once, as long as it answers anything; asked all the time. While
   * one is left unanswered the engine counts as unavailable. Missing where nothing is behind it that could hang by itself.
   */
  ping?(signal: AbortSignal): Promise<void>
  /**
   * One cheap reading of every running container, for lists; asked each ten seconds while somebody watches. Where it is
   * missing, lists show no usage.
   */
  usage?(signal: AbortSignal): Promise<UsageSample[]>
  /** The folder of this host below which it stores what is made, where that is known: its disk is looked at before more is. */
  storage?(): string | undefined
  /** Lets go of watchers, timers and sockets; containers keep running. */
  close(): Promise<void>
}

export type { EngineEvent }

/** Checks nothing at run time: it gives handlers their types with no annotations. */
export function defineEngine(engine: Engine): Engine {
  return engine
}
