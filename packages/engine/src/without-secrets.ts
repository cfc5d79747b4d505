import { isDeepStrictEqual } from 'node:util'
import {
  type ErrorInfo,
  FlotillaError,
  type Method,
  type Registry,
  findErrorKind,
  registry,
  secretTexts,
  sentenceOf,
  withoutTexts,
} from '@flotilla/protocol'
import { type AnyHandler, handlerOf } from './capabilities.ts'
import type { Engine } from './engine.ts'
import { redactSecrets, redactText } from './redact/redact.ts'

/**
 * The engine with answers, events and failures that hold no secret. The one place where that is done: whoever keeps the
 * answers, in memory, in a journal or in a database, has none either. The engine itself works with the values.
 */
export function withoutSecrets(engine: Engine, table: Registry = registry): Engine {
  const nouns: Record<string, Record<string, AnyHandler>> = {}
  for (const name of table.methodNames) {
    const method = table.method(name)
    const handler = handlerOf(engine, name, table)
    if (method === undefined || handler === undefined) continue
    const [noun = '', verb = ''] = name.split('.')
    nouns[noun] ??= {}
    nouns[noun][verb] = withoutInput(method, isVerbatim(method) ? handler : redacting(method, handler))
  }
  return {
    id: engine.id,
    identity: () => engine.identity(),
    absences: () => engine.absences(),
    recover: async (signal) => engine.recover?.(signal),
    ...(engine.ping === undefined ? {} : { ping: engine.ping.bind(engine) }),
    ...(engine.usage === undefined ? {} : { usage: engine.usage.bind(engine) }),
    ...(engine.storage === undefined ? {} : { storage: engine.storage.bind(engine) }),
    close: () => engine.close(),
    ...nouns,
  }
}

/**
 * What the input marks as a secret stands in no answer and no failure. A verbatim answer is what programs printed or files
 * hold, and stays what it is; its failures do not.
 */
function withoutInput(method: Method, handler: AnyHandler): AnyHandler {
  if (method.kind !== 'unary' && method.kind !== 'upload') return handler
  return async (...input) => {
    const texts = secretTexts(method.input, input[0])
    try {
      const answer = await handler(...input)
      return method.verbatim === true ? answer : withoutTexts(answer, texts)
    } catch (thrown) {
      if (!(thrown instanceof FlotillaError) || texts.length === 0) throw thrown
      const info = thrown.toInfo()
      const clean = withoutTexts(info, texts)
      throw isDeepStrictEqual(clean, info) ? thrown : FlotillaError.fromInfo(clean) // its cause says the same again
    }
  }
}

/** What programs print and files hold goes as it is; so does every stream of bytes. */
function isVerbatim(method: Method): boolean {
  return method.verbatim === true || method.kind === 'download' || method.kind === 'duplex'
}

function redacting(method: Method, handler: AnyHandler): AnyHandler {
  if (method.kind === 'stream') {
    return (...input) => redactedItems(handler(...input) as AsyncIterable<unknown>)
  }
  return async (...input) => {
    try {
      return redactSecrets(await handler(...input))
    } catch (thrown) {
      throw redactedError(thrown)
    }
  }
}

async function* redactedItems(items: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  try {
    for await (const item of items) yield redactSecrets(item)
  } catch (thrown) {
    throw redactedError(thrown)
  }
}

/** A runtime's failure may quote the command that it was to start. */
function redactedError(thrown: unknown): unknown {
  if (!(thrown instanceof FlotillaError)) return thrown
  const info = thrown.toInfo()
  const clean = redactedInfo(info)
  return isDeepStrictEqual(clean, info) ? thrown : FlotillaError.fromInfo(clean) // its cause says the same again
}

/** A parameter may be a secret only where it stands in the sentence (`--password {value}`): then the sentence goes alone. */
function redactedInfo({ params, ...info }: ErrorInfo): ErrorInfo {
  const clean: ErrorInfo = { ...info, message: redactText(info.message) }
  if (info.detail !== undefined) clean.detail = redactText(info.detail)
  if (params === undefined) return clean
  const known = redactSecrets(params)
  const definition = info.kind === undefined ? undefined : findErrorKind(info.kind)
  if (definition !== undefined && sentenceOf(definition.sentence, known) === clean.message) {
    return { ...clean, params: known }
  }
  const { kind: _, ...plain } = clean
  return plain
}
