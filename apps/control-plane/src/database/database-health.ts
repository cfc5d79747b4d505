import { type FlotillaError, fail } from '@flotilla/protocol'

/** Whether the database answers now, and since when and why it does not. */
export class DatabaseHealth {
  #away: { since: Date; why: FlotillaError } | undefined
  /** Called when it goes, and when it is back. */
  onChange: (trouble: FlotillaError | undefined) => void = () => {}

  /** What is told while it is away; undefined while it answers. */
  get trouble(): FlotillaError | undefined {
    if (this.#away === undefined) return undefined
    const { since, why } = this.#away
    return away(since, why)
  }

  /** It was seen to be away; a reason that was seen later takes the place of the one before. */
  lost(why: FlotillaError): void {
    const isNews = this.#away?.why.message !== why.message
    this.#away = { since: this.#away?.since ?? new Date(), why }
    if (isNews) this.onChange(this.trouble)
  }

  back(): void {
    if (this.#away === undefined) return
    this.#away = undefined
    this.onChange(undefined)
  }
}

export function away(since: Date, why: FlotillaError): FlotillaError {
  const at = `${since.toISOString().slice(0, 19).replace('T', ' ')} UTC`
  return fail('database.away', { since: at, why: why.message }, { detail: why.detail, cause: why })
}
