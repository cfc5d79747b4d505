import { describe, expect, it } from 'vitest'
import { chainIds, digestHex, digestOf } from './digest.ts'
import { parseImageConfig } from './image-config.ts'
import { parseManifest } from './manifest.ts'
import { mediaTypes } from './media-types.ts'
import { choosePlatform, hostPlatform, parsePlatform } from './platform.ts'

const digest = digestOf('x')
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value))
const config = { mediaType: mediaTypes.ociConfig, digest, size: 3 }
const layer = { mediaType: `${mediaTypes.ociLayer}+zstd`, digest, size: 3 }
const manifest = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers: [layer] }
const entry = (platform: object | undefined) => ({ mediaType: mediaTypes.ociManifest, digest, size: 1, platform })

describe('manifests', () => {
  it('reads a manifest and an index', () => {
    expect(parseManifest(bytes(manifest), undefined)).toMatchObject({ kind: 'manifest', manifest: { layers: [layer] } })
    expect(
      parseManifest(bytes({ schemaVersion: 2, manifests: [] }), `${mediaTypes.ociIndex}; charset=utf-8`),
    ).toMatchObject({
      kind: 'index',
    })
  })

  it.each([
    ['schema 1', { schemaVersion: 1, fsLayers: [] }, 'UNSUPPORTED'],
    ['both kinds at once', { ...manifest, manifests: [] }, 'INVALID_ARGUMENT'],
    [
      'an index called a manifest',
      { schemaVersion: 2, mediaType: mediaTypes.ociManifest, manifests: [] },
      'INVALID_ARGUMENT',
    ],
    ['an artefact', { ...manifest, config: { ...config, mediaType: 'application/vnd.cncf.helm' } }, 'UNSUPPORTED'],
    ['a path for a digest', { ...manifest, config: { ...config, digest: '../../etc/passwd' } }, 'INVALID_ARGUMENT'],
    ['a negative size', { ...manifest, layers: [{ ...layer, size: -1 }] }, 'INVALID_ARGUMENT'],
    ['a size beyond numbers', { ...manifest, layers: [{ ...layer, size: 1e300 }] }, 'INVALID_ARGUMENT'],
    ['too many layers', { ...manifest, layers: Array.from({ length: 128 }, () => layer) }, 'INVALID_ARGUMENT'],
    ['an array', [], 'INVALID_ARGUMENT'],
    ['a config and an index at once', { ...manifest, layers: null, manifests: [] }, 'INVALID_ARGUMENT'],
  ])('refuses %s', (_what, value, code) => {
    expect(() => parseManifest(bytes(value), undefined)).toThrowError(expect.objectContaining({ code }))
  })

  it('refuses what is no JSON, and a document without end', () => {
    expect(() => parseManifest(Buffer.from('<html>'), undefined)).toThrowError(/not JSON/)
    expect(() => parseManifest(Buffer.alloc(5 * 1024 * 1024, 32), undefined)).toThrowError(/larger than 4 MiB/)
  })

  it('chooses by platform', () => {
    const amd = { os: 'linux', architecture: 'amd64' }
    const index = {
      schemaVersion: 2 as const,
      manifests: [
        entry({ os: 'windows', architecture: 'amd64' }),
        entry({ os: 'unknown', architecture: 'unknown' }),
        { ...entry({ ...amd, variant: 'v3' }), size: 33 },
        { ...entry(amd), size: 11 },
        { ...entry({ os: 'linux', architecture: 'arm', variant: 'v6' }), size: 6 },
        { ...entry({ os: 'linux', architecture: 'arm', variant: 'v5' }), size: 5 },
      ] as never,
    }
    expect(choosePlatform(index, hostPlatform('x64')).size).toBe(11)
    expect(choosePlatform(index, hostPlatform('arm')).size).toBe(6)
    expect(() => choosePlatform(index, parsePlatform('linux/s390x'))).toThrowError(
      expect.objectContaining({ code: 'NOT_FOUND', message: expect.stringContaining('linux/amd64') as unknown }),
    )
    expect(() => parsePlatform('linux')).toThrowError(/linux\/amd64/)
  })
})

describe('configs and digests', () => {
  it('takes null for nothing, as Docker writes it', () => {
    const parsed = parseImageConfig(
      bytes({
        architecture: 'amd64',
        os: 'linux',
        config: { Entrypoint: null, Cmd: ['sh'], Labels: null },
        rootfs: { type: 'layers', diff_ids: [digest] },
      }),
    )
    expect(parsed.config).toMatchObject({ Cmd: ['sh'], Entrypoint: undefined })
  })

  it('holds nothing that is deeper than what is read of it', () => {
    const deep = JSON.parse(`${'['.repeat(1000)}${']'.repeat(1000)}`) as unknown
    const base = { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] } }
    const run = { ExposedPorts: { '80/tcp': deep }, Volumes: { '/data': deep } }
    expect(parseImageConfig(bytes({ ...base, config: run })).config).toMatchObject({
      ExposedPorts: { '80/tcp': {} },
      Volumes: { '/data': {} },
    })
  })

  it('makes chain ids as the image-spec says', () => {
    const [a, b] = [digestOf('a'), digestOf('b')]
    expect(chainIds([a, b])).toEqual([a, digestOf(`${a} ${b}`)])
    expect(chainIds([])).toEqual([])
    expect(digestHex(a)).toMatch(/^[a-f0-9]{64}$/)
    expect(() => digestHex('sha256:../x')).toThrowError(/not a sha256/)
  })
})
