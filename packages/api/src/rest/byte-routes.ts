import {
  type AnyNoun,
  type Download,
  fail,
  FlotillaError,
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
import type { Opened, Recheck } from '../opened.ts'

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
  /** The bytes of a download. Throws at once where it may not be; they are asked for when they are first read. */
  download(ctx: ActorContext, input: unknown, signal: AbortSignal): Opened<Uint8Array>
  /** The answer to an upload, when its last byte is on the host. */
  upload(ctx: ActorContext, input: unknown, sent: SentBytes): Promise<unknown>
}

/** What an upload is carried out with. */
export interface SentBytes {
  readonly body: AsyncIterable<Uint8Array>
  readonly signal: AbortSignal
  /** Told once it may be, before anything of it goes to the host. */
  opened(recheck: Recheck): void
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
    const { row, scope, recheck } = place
    return { call, input: { ...input, [target.field]: row.value.id }, scope, recheck }
  }
  return {
    ...{ method: rest.method, path: rest.path, summary: rest.summary, name, access: method.permission },
    input: method.input,
    isUpload: method.kind === 'upload',
    answer: method.kind === 'upload' ? method.output : undefined,
    download(ctx, raw, signal) {
      const { call, input, scope, recheck } = callOf(ctx, raw)
      return { items: call(input, { scope, signal }) as AsyncIterable<Uint8Array>, recheck }
    },
    async upload(ctx, raw, { body, signal, opened }) {
      const act = { action: name, subject: subjectOf(method), shape: method.input }
      try {
        const { call, input, scope, recheck } = callOf(ctx, raw)
        opened(recheck)
        // Bounded by its progress: a large file over a slow line takes as long as it takes.
        const data = await call(input, body, { ...changeOptions(ctx, scope, undefined), timeoutMs: 0, signal })
        await auditMutation(ctx, act, raw, { ok: true, data })
        return data
      } catch (thrown) {
        // Its right was withdrawn, which is told rather than that it was broken off.
        const error: unknown = signal.reason instanceof FlotillaError ? signal.reason : thrown
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
