import type { ErrorCode } from './error-code.ts'
import type { ErrorFacts, ErrorField, ErrorInfo, ErrorObject, ErrorParams, ReportedError } from './error-info.ts'

/** What an error may have beside its code and its sentence. */
export interface ErrorOptions extends ErrorFacts {
  /** For the log alone. */
  detail?: string | undefined
  cause?: unknown
}

/**
 * The one error class of the product; made by `fail`, which knows its kinds.
 * `message` is the English sentence for the person: what happened and what to do. `detail` is for the log.
 * Nothing of it may hold a secret. Without `kind` it came from an older side, and its sentence is shown as it came.
 */
export class FlotillaError extends Error {
  override readonly name = 'FlotillaError'
  readonly code: ErrorCode
  readonly kind: string | undefined
  readonly params: ErrorParams
  readonly field: ErrorField | undefined
  readonly objects: readonly ErrorObject[]
  readonly detail: string | undefined

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.kind = options.kind
    this.params = options.params ?? {}
    this.field = options.field
    this.objects = options.objects ?? []
    this.detail = options.detail
  }

  /** What says more than code and sentence, without what is empty. */
  facts(): ErrorFacts {
    return {
      ...(this.kind === undefined ? {} : { kind: this.kind }),
      ...(Object.keys(this.params).length === 0 ? {} : { params: this.params }),
      ...(this.field === undefined ? {} : { field: this.field }),
      ...(this.objects.length === 0 ? {} : { objects: [...this.objects] }),
    }
  }

  /** What a caller is told: all but the detail. */
  reported(): ReportedError {
    return { code: this.code, message: this.message, ...this.facts() }
  }

  /** The plain value that is stored and goes between the parts of the product. */
  toInfo(): ErrorInfo {
    return { ...this.reported(), ...(this.detail === undefined ? {} : { detail: this.detail }) }
  }

  static fromInfo({ code, message, ...rest }: ErrorInfo): FlotillaError {
    return new FlotillaError(code, message, rest)
  }

  /** The same error with something changed: its field, say, where a caller knows it. */
  with(change: ErrorFacts): FlotillaError {
    const { code, message, detail } = this
    return new FlotillaError(code, message, { ...this.facts(), ...change, detail, cause: this.cause })
  }
}
