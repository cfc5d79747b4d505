import {
  type AnyNoun,
  type Download,
  fail,
  type Method,
  type Registry,
  type Rest,
  type Upload,
} from '@flotilla/protocol'
import { z } from 'zod'
import { auditMutation } from '../audit/record.ts'
import type { ActorContext } from '../context.ts'
import { changeOptions } from '../fleet/call-options.ts'
import { placeOfObject } from '../nouns/place.ts'
import { subjectOf } from '../nouns/procedures.ts'

type Bytes = Upload<unknown, unknown, unknown> | Download<unknown, unknown>

/** A REST route whose body or answer is bytes: every upload and download of a noun that states its place in REST. */
export interface ByteRoute {
  readonly method: string
  readonly path: string
  /** `volumeFiles.read` */
  readonly name: string
  readonly access: string
  readonly summary: string
  /** Path parameters and query together. */
  readonly input: z.ZodObject
  readonly isUpload: boolean
  /** What the answer to an upload looks like; that to a download is bytes. */
  readonly answer: z.ZodType | undefined
  /** The bytes of a download. It is asked for at its first piece: a refusal comes there. */
  download(ctx: ActorContext, input: unknown, signal: AbortSignal): AsyncIterable<Uint8Array>
  /** The answer to an upload, when its last byte is on the host. */
  upload(ctx: ActorContext, input: unknown, body: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<unknown>
}

/** The byte routes of all nouns. */
export function byteRoutes(nouns: Registry): readonly ByteRoute[] {
  return nouns.nouns.flatMap((noun) =>
    Object.entries(noun.methods as Record<string, Method>).flatMap(([verb, method]) =>
      method.rest !== undefined && isBytes(method) ? [routeOf(noun, verb, method, method.rest)] : [],
    ),
  )
}

function isBytes(method: Method): method is Bytes {
  return method.kind === 'upload' || method.kind === 'download'
}

function routeOf(noun: AnyNoun, verb: string, method: Bytes, rest: Rest): ByteRoute {
  if (!(method.input instanceof z.ZodObject)) throw new Error('The input of a method in REST is an object.')
  const name = `${noun.plural}.${verb}`
  const callOf = (ctx: ActorContext, raw: unknown) => {
    const input = method.input.parse(raw) as Record<string, unknown>
    const { target } = method
    if (target === undefined) throw new Error(`${name} names no object`)
    const place = placeOfObject(ctx, { kind: target.kind, ref: String(input[target.field]) }, method, input)
    const client = place.client as unknown as Record<string, Record<string, (...given: unknown[]) => unknown>>
    const call = client[noun.plural]?.[verb]
    if (call === undefined) throw new Error(`there is no ${name}`)
    return { call, input: { ...input, [target.field]: place.row.value.id }, scope: place.scope }
  }
  return {
    ...{ method: rest.method, path: rest.path, summary: rest.summary, name, access: method.permission },
    input: method.input,
    isUpload: method.kind === 'upload',
    answer: method.kind === 'upload' ? method.output : undefined,
    async *download(ctx, raw, signal) {
      const { call, input, scope } = callOf(ctx, raw)
      yield* call(input, { scope, signal }) as AsyncIterable<Uint8Array>
    },
    async upload(ctx, raw, body, signal) {
      const act = { action: name, subject: subjectOf(method), shape: method.input }
      try {
        const { call, input, scope } = callOf(ctx, raw)
        // Bounded by its progress: a large file over a slow line takes as long as it takes.
        const data = await call(input, body, { ...changeOptions(ctx, scope, undefined), timeoutMs: 0, signal })
        await auditMutation(ctx, act, raw, { ok: true, data })
        return data
      } catch (error) {
        await auditMutation(ctx, act, raw, { ok: false, error: { cause: error } })
        throw error
      }
    },
  }
}

/** What a program may send as a body of bytes. Throws INVALID_ARGUMENT for anything that a browser's form would send. */
export function requireBytes(contentType: string | undefined): void {
  if (contentType === 'application/octet-stream') return
  throw fail('request.notBytes')
}
