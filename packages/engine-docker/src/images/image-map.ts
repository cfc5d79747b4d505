import { createHash } from 'node:crypto'
import type { Image, ImageDetail } from '@flotilla/protocol'
import type { z } from 'zod'
import type { HistoryAnswer, ImageAnswer } from '../docker-answers.ts'
import { normalised } from './image-ref.ts'

type History = z.infer<typeof HistoryAnswer>

/** Docker's inspect answer as a row of the list. `usedBy`: ids of the containers made of it. */
export function toImage(engine: string, answer: ImageAnswer, usedBy: string[]): Image {
  const created = Date.parse(answer.Created ?? '')
  return {
    id: answer.Id,
    engine,
    references: answer.RepoTags.flatMap((tag) => normalised(tag) ?? []),
    digests: answer.RepoDigests.flatMap((digest) => normalised(digest) ?? []),
    createdAt: Number.isNaN(created) || created <= 0 ? null : new Date(created).toISOString(),
    sizeBytes: answer.Size,
    architecture: answer.Architecture,
    os: answer.Os,
    layers: answer.RootFS.Layers.length,
    usedBy,
  }
}

/** Docker's inspect answer as the whole image; `native` is the answer itself. */
export function toImageDetail(
  image: Image,
  answer: ImageAnswer,
  history: History,
  native: Record<string, unknown>,
): ImageDetail {
  const config = answer.Config
  const steps = layerSteps(answer, history)
  return {
    image,
    command: config?.Cmd ?? [],
    entrypoint: config?.Entrypoint ?? [],
    env: config?.Env ?? [],
    user: config?.User ?? '',
    workingDir: config?.WorkingDir ?? '',
    exposedPorts: Object.keys(config?.ExposedPorts ?? {}),
    labels: config?.Labels ?? {},
    stopSignal: config?.StopSignal ?? null,
    layers: answer.RootFS.Layers.map((diffId, at) => ({
      digest: null, // Docker does not keep the packed layer's
      diffId,
      sizeBytes: steps?.[at]?.Size ?? null,
      createdBy: steps?.[at]?.CreatedBy ?? null,
    })),
    native,
  }
}

/**
 * The steps that made the layers, in the layers' order. Docker's history has no mark for steps without a layer; where leaving
 * out the empty ones does not give one a layer, nothing is claimed.
 */
export function layerSteps(answer: ImageAnswer, history: History): History | undefined {
  const oldestFirst = history.toReversed()
  const count = answer.RootFS.Layers.length
  if (oldestFirst.length === count) return oldestFirst
  const filled = oldestFirst.filter((step) => step.Size > 0)
  return filled.length === count ? filled : undefined
}

/** Names of the layers with all below them (image-spec, "Layer ChainID"): what a removal reports as deleted. */
export function chainIds(diffIds: readonly string[]): string[] {
  const chain: string[] = []
  for (const diffId of diffIds) {
    const below = chain.at(-1)
    const digest = below === undefined ? diffId : `sha256:${sha256(`${below} ${diffId}`)}`
    chain.push(digest)
  }
  return chain
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
