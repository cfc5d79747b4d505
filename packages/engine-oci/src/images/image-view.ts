import type { ImageConfig } from '@flotilla/oci'
import type { Image, ImageDetail } from '@flotilla/protocol'
import type { Catalog, ImageRecord } from './catalog.ts'

/** The noun of a record, as lists show it. */
export function imageOf(engine: string, record: ImageRecord, catalog: Catalog, usedBy: string[]): Image {
  const { tags, digests } = catalog.referencesOf(record.id)
  return {
    id: record.id,
    engine,
    references: tags,
    digests,
    createdAt: createdAt({ created: record.createdAt ?? undefined }),
    sizeBytes: record.sizeBytes,
    architecture: record.architecture,
    os: record.os,
    layers: record.chainIds.length,
    usedBy,
  }
}

export function detailOf(image: Image, record: ImageRecord, config: ImageConfig): ImageDetail {
  const run = config.config
  const history = (config.history ?? []).filter((step) => step.empty_layer !== true)
  return {
    image,
    command: run?.Cmd ?? [],
    entrypoint: run?.Entrypoint ?? [],
    env: run?.Env ?? [],
    user: run?.User ?? '',
    workingDir: run?.WorkingDir ?? '',
    exposedPorts: Object.keys(run?.ExposedPorts ?? {}),
    labels: run?.Labels ?? {},
    stopSignal: run?.StopSignal ?? null,
    layers: config.rootfs.diff_ids.map((diffId, at) => ({
      digest: record.layers[at]?.digest ?? null,
      diffId,
      sizeBytes: record.layers[at]?.sizeBytes ?? null,
      createdBy: history[at]?.created_by ?? null,
    })),
    native: { manifestDigest: record.manifestDigest, chainIds: record.chainIds, config },
  }
}

/** The moment that a config says, as an ISO date; null where it has none of these ten thousand years. */
export function createdAt({ created }: Pick<ImageConfig, 'created'>): string | null {
  const time = Date.parse(created ?? '')
  const date = Number.isNaN(time) ? '' : new Date(time).toISOString()
  // Of other years it begins with a sign, and a list with such a date is understood by nobody.
  return /^\d/.test(date) ? date : null
}
