import { parseReference } from '@flotilla/oci'
import {
  beginsId,
  type Call,
  type FlotillaError,
  type Image,
  type ImageDetail,
  type PullInput,
  fail,
} from '@flotilla/protocol'
import { z } from 'zod'
import { atOnce } from '../at-once.ts'
import type { Daemon } from '../daemon.ts'
import { ContainerListAnswer, HistoryAnswer, ImageAnswer, ImageListAnswer, PullAnswer } from '../docker-answers.ts'
import { dockerError, dockerWordsError } from '../docker-error.ts'
import { readJsonLines } from '../json-lines.ts'
import { toImage, toImageDetail } from './image-map.ts'
import { looksLikeId, lookupName, normalised, pathOf, pullQuery } from './image-ref.ts'
import { PullProgress } from './pull-progress.ts'

/** Images through the Docker Engine API, whoever pulled or built them. */
export class Images {
  readonly #daemon: Daemon
  readonly isHidden: (id: string) => boolean

  /** `isHidden` tells the images that are the agent's own, which nobody is told of. */
  constructor(daemon: Daemon, isHidden: (id: string) => boolean) {
    this.#daemon = daemon
    this.isHidden = isHidden
  }

  /** Images with a name, and untagged ones, but not the layers of builds. Each is inspected: the list lacks half of the noun. */
  async list(signal: AbortSignal): Promise<Image[]> {
    const [rows, users] = await Promise.all([
      this.#daemon.request(ImageListAnswer, { path: '/images/json', signal }),
      this.users(signal),
    ])
    const found = await atOnce(rows, async ({ Id }) => {
      const answer = await this.find(Id, signal)
      return answer === undefined ? undefined : toImage(this.#daemon.id, answer, users.get(answer.Id) ?? [])
    })
    return found.filter((image) => image !== undefined)
  }

  /** The ids of images by their tags. */
  async tags(signal: AbortSignal): Promise<Map<string, string>> {
    const rows = await this.#daemon.request(ImageListAnswer, { path: '/images/json', signal })
    return new Map(rows.flatMap(({ Id, RepoTags }) => RepoTags.map((tag) => [tag, Id] as const)))
  }

  async has(ref: string, signal: AbortSignal): Promise<boolean> {
    return (await this.find(ref, signal)) !== undefined
  }

  /** Docker's own answer, or undefined where there is no such image. Throws CONFLICT for a prefix of several. */
  async find(ref: string, signal: AbortSignal): Promise<ImageAnswer | undefined> {
    try {
      const answer = await this.#daemon.request(ImageAnswer, { path: `/images/${pathOf(ref)}/json`, signal })
      return this.isHidden(answer.Id) || !isMeant(answer, ref) ? undefined : answer
    } catch (error) {
      if (dockerError(error).code !== 'NOT_FOUND') throw error
      if (looksLikeId(ref)) await this.#refuseAmbiguous(ref, signal)
      return undefined
    }
  }

  /** Like `find`, but throws NOT_FOUND. */
  async answer(ref: string, signal: AbortSignal): Promise<ImageAnswer> {
    const answer = await this.find(ref, signal)
    if (answer === undefined) throw noSuchImage(ref)
    return answer
  }

  async row(ref: string, signal: AbortSignal): Promise<Image> {
    const [answer, users] = await Promise.all([this.answer(ref, signal), this.users(signal)])
    return toImage(this.#daemon.id, answer, users.get(answer.Id) ?? [])
  }

  async inspect(ref: string, signal: AbortSignal): Promise<ImageDetail> {
    const { Id } = await this.answer(ref, signal)
    const path = `/images/${Id}`
    const [native, history, users] = await Promise.all([
      this.#daemon.request(z.record(z.string(), z.unknown()), { path: `${path}/json`, signal }),
      this.history(Id, signal),
      this.users(signal),
    ])
    const answer = ImageAnswer.parse(native)
    return toImageDetail(toImage(this.#daemon.id, answer, users.get(Id) ?? []), answer, history, native)
  }

  history(id: string, signal: AbortSignal): Promise<z.infer<typeof HistoryAnswer>> {
    return this.#daemon.request(HistoryAnswer, { path: `/images/${id}/history`, signal })
  }

  /** Container ids by the id of their image; ended containers too. */
  async users(signal: AbortSignal): Promise<Map<string, string[]>> {
    const rows = await this.#daemon.request(ContainerListAnswer, {
      ...{ path: '/containers/json', query: { all: '1' }, signal },
    })
    const users = new Map<string, string[]>()
    for (const { Id, ImageID } of rows) users.set(ImageID, [...(users.get(ImageID) ?? []), Id])
    return users
  }

  /** Layers are reported as progress. Going away cancels it: the daemon keeps the layers that it has finished. */
  async pull(input: PullInput, call: Call): Promise<Image> {
    const reference = parseReference(input.reference)
    const { credentials } = input
    call.progress({ step: 'resolve', state: 'running' })
    const body = await this.#daemon.stream({
      method: 'POST',
      path: '/images/create',
      query: pullQuery(reference, input.platform),
      ...(credentials === undefined ? {} : { credentials: { ...credentials, serveraddress: reference.domain } }),
      signal: call.signal,
    })
    await this.#follow(body, call)
    return this.row(lookupName(reference), call.signal)
  }

  async #follow(body: AsyncIterable<unknown>, call: Call): Promise<void> {
    const progress = new PullProgress()
    let resolved = false
    try {
      for await (const document of readJsonLines(body)) {
        const line = PullAnswer.parse(document)
        if (line.error !== undefined) throw dockerWordsError(line.error)
        if (!resolved) call.progress({ step: 'resolve', state: 'done' })
        resolved = true
        for (const reported of progress.read(line, performance.now())) call.progress(reported)
      }
      for (const reported of progress.end(performance.now())) call.progress(reported)
    } catch (error) {
      throw dockerError(error)
    }
    call.signal.throwIfAborted()
  }

  async #refuseAmbiguous(ref: string, signal: AbortSignal): Promise<void> {
    const prefix = ref.startsWith('sha256:') ? ref : `sha256:${ref}`
    const rows = await this.#daemon.request(ImageListAnswer, { path: '/images/json', signal })
    const fitting = rows.filter(({ Id }) => Id.startsWith(prefix))
    if (fitting.length < 2) return
    const ids = fitting.slice(0, 5).map(({ Id }) => Id.slice('sha256:'.length, 23))
    throw fail('image.ambiguousId', { ref, ids: ids.join(', ') })
  }
}

/** Docker takes two digits of an id for it; a name may look like them. */
function isMeant({ Id, RepoTags, RepoDigests }: ImageAnswer, ref: string): boolean {
  if (!looksLikeId(ref) || beginsId(Id, ref)) return true
  return [...RepoTags, ...RepoDigests].some((name) => normalised(name) === normalised(ref))
}

export function noSuchImage(ref: string): FlotillaError {
  return fail('image.notFound', { ref: ref.slice(0, 200) })
}
