/** What the engine logs with; pino's logger is one. */
export interface EngineLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}
