/** What the engine tells of, in pino's words. */
export interface EngineLog {
  warn(fields: object, message: string): void
}
