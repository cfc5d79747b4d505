import { describe, expect, it } from 'vitest'
import { digestOf } from './digest.ts'
import { parseManifest } from './manifest.ts'
import { mediaTypes } from './media-types.ts'
import { choosePlatform, fitsPlatform, parsePlatform, platformOf } from './platform.ts'

const digest = digestOf('x')
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value))
const config = { mediaType: mediaTypes.ociConfig, digest, size: 3 }
const layer = { mediaType: mediaTypes.dockerLayer, digest, size: 3 }
const manifest = { schemaVersion: 2, mediaType: mediaTypes.dockerManifest, config, layers: [layer] }
const entry = { mediaType: mediaTypes.ociManifest, digest, size: 3, platform: { os: 'linux', architecture: 'amd64' } }
const amd = parsePlatform('linux/amd64')

const refused = (value: unknown) => () => parseManifest(bytes(value), undefined)
function indexOf(...manifests: unknown[]) {
  const found = parseManifest(bytes({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }), undefined)
  if (found.kind !== 'index') throw new Error('no index')
  return found.index
}

describe('a manifest as an old or odd pusher writes it', () => {
  it.each([
    '',
    'application/octet-stream',
    'application/json',
    'text/html',
    'text/plain; charset=utf-8',
    'application/vnd.oci.image.serialization.config.v1+json',
    'Application/Vnd.Docker.Container.Image.V1+json; charset=utf-8',
  ])('is an image with a config of the type "%s"', (mediaType) => {
    expect(parseManifest(bytes({ ...manifest, config: { ...config, mediaType } }), undefined).kind).toBe('manifest')
  })

  it('is an image with a config without a type, and one without a version, a type or layers', () => {
    const untyped = { config: { digest, size: 3 }, layers: [layer] }
    for (const version of [{}, { schemaVersion: null }, { schemaVersion: 2 }, { schemaVersion: 3 }]) {
      expect(parseManifest(bytes({ ...version, ...untyped }), 'application/json')).toMatchObject({ kind: 'manifest' })
    }
    for (const empty of [{ layers: null }, { layers: undefined }, { layers: [], manifests: null }]) {
      const found = parseManifest(bytes({ ...manifest, ...empty }), undefined)
      expect(found).toMatchObject({ kind: 'manifest', manifest: { layers: [] } })
    }
  })

  it.each(['', null, 'text/plain', 'constructor', `${mediaTypes.ociLayer}+gzip; charset=utf-8`])(
    'is an image with layers of the type %j, whose bytes will tell how they are packed',
    (mediaType) => {
      const found = parseManifest(bytes({ ...manifest, layers: [{ ...layer, mediaType }] }), undefined)
      expect(found).toMatchObject({ kind: 'manifest', manifest: { layers: [{ mediaType: mediaType ?? '' }] } })
    },
  )

  it('is an image where it leaves out sizes, and where its names are in another case', () => {
    const unsized = { ...manifest, config: { ...config, size: undefined }, layers: [{ ...layer, size: null }] }
    expect(parseManifest(bytes(unsized), undefined)).toMatchObject({
      manifest: { config: { size: 0 }, layers: [{ size: 0 }] },
    })
    const shouted = { Config: { DIGEST: digest, digest: digestOf('y'), Size: 3 }, LAYERS: [layer] }
    expect(parseManifest(bytes(shouted), undefined)).toMatchObject({
      manifest: { config: { digest: digestOf('y'), size: 3 }, layers: [layer] },
    })
    expect(refused({ ...manifest, Manifests: [] })).toThrowError(expect.objectContaining({ kind: 'image.twoThings' }))
    expect(refused({ SchemaVersion: 1 })).toThrowError(expect.objectContaining({ kind: 'image.schema1' }))
  })

  it.each([
    'application/vnd.docker.plugin.v1+json',
    'application/vnd.cncf.helm.config.v1+json',
    'application/vnd.oci.empty.v1+json',
    'application/vnd.unknown.config.v1+json',
  ])('is no image with a config of the type %s', (mediaType) => {
    expect(refused({ ...manifest, config: { ...config, mediaType } })).toThrowError(
      expect.objectContaining({
        kind: 'image.notContainer',
        message: expect.stringContaining('config.mediaType') as unknown,
      }),
    )
  })

  it.each([
    ['config', { ...manifest, config: null }],
    ['config.digest', { ...manifest, config: { ...config, digest: `sha512:${'0'.repeat(128)}` } }],
    ['layers.1', { ...manifest, layers: [layer, null] }],
    ['layers.0.size', { ...manifest, layers: [{ ...layer, size: '3' }] }],
    ['layers.0.digest', { ...manifest, layers: [{ ...layer, digest: undefined }] }],
    ['layers', { ...manifest, layers: 'all' }],
    ['config', { schemaVersion: 2 }],
  ])('is refused by the name of its field: %s', (field, value) => {
    expect(refused(value)).toThrowError(
      expect.objectContaining({
        ...{ code: 'INVALID_ARGUMENT', kind: 'image.notOci', params: { what: 'The image manifest', field } },
        message: expect.stringContaining(`in its field ${field},`) as unknown,
      }),
    )
  })

  it('is refused in words that have an end, whatever it calls its fields', () => {
    expect(refused([])).toThrowError(expect.objectContaining({ kind: 'image.noObject' }))
    expect(refused('x'.repeat(1e6))).toThrowError(/is no JSON object/)
  })
})

describe('an index as an old or odd pusher writes it', () => {
  it('is told by its fields where nobody gives it a type', () => {
    for (const type of [undefined, '', 'application/json', 'text/plain', 'application/octet-stream']) {
      const found = parseManifest(bytes({ schemaVersion: 2, manifests: [entry] }), type)
      expect(found).toMatchObject({ kind: 'index', index: { manifests: [{ digest }] } })
    }
    expect(() => parseManifest(bytes({ manifests: [entry] }), mediaTypes.ociManifest)).toThrowError(
      /media type|mediaType/,
    )
  })

  it('holds nothing where its list is null', () => {
    for (const manifests of [null, undefined, [null]]) {
      const found = parseManifest(bytes({ manifests }), mediaTypes.dockerList)
      expect(found).toEqual({ kind: 'index', index: { manifests: [] } })
    }
    expect(() => choosePlatform(indexOf(null), amd)).toThrowError(expect.objectContaining({ code: 'NOT_FOUND' }))
  })

  it('is not refused for what it has for others', () => {
    const arm = { os: 'linux', architecture: 'arm64' }
    const index = indexOf(
      { ...entry, platform: arm, digest: `sha512:${'0'.repeat(128)}` },
      { ...entry, platform: arm, digest: 'blake3:xyz', size: -1 },
      { ...entry, platform: { os: 7 }, mediaType: null, annotations: { a: 1 } },
      { platform: 'all', digest: 7 },
      null,
      'text',
      entry,
    )
    expect(choosePlatform(index, amd).digest).toBe(digest)
    expect(() => choosePlatform(index, parsePlatform('linux/arm64'))).toThrowError(
      expect.objectContaining({ code: 'UNSUPPORTED', message: expect.stringContaining('manifests.digest') as unknown }),
    )
  })

  it('gives what does not say what it is for to those for whom there is nothing else', () => {
    const [plain, other] = [digestOf('plain'), digestOf('other')]
    const unsaid = [
      { ...entry, platform: null, digest: plain },
      { ...entry, platform: {}, digest: other },
    ]
    expect(choosePlatform(indexOf(...unsaid, entry), amd).digest).toBe(digest)
    expect(choosePlatform(indexOf(...unsaid, entry), parsePlatform('linux/arm64')).digest).toBe(plain)
    const attested = { ...entry, platform: { os: 'unknown', architecture: 'unknown' } }
    expect(() => choosePlatform(indexOf(attested), amd)).toThrowError(expect.objectContaining({ code: 'NOT_FOUND' }))
  })
})

describe('a platform', () => {
  it.each([
    ['linux', 'x86_64', 'linux/amd64'],
    ['Linux', 'AMD64', 'linux/amd64'],
    ['', 'aarch64', 'linux/arm64'],
    ['linux', '', 'linux/amd64'],
    ['', '', 'linux/arm64'],
    ['linux', 'armhf', 'linux/arm/v7'],
    ['linux', 'i386', 'linux/386'],
  ])('of "%s" and "%s" is %s', (os, architecture, name) => {
    const wanted = parsePlatform(name)
    expect(fitsPlatform({ os, architecture }, wanted)).toBe(true)
    expect(platformOf({ os, architecture }, wanted)).toEqual({ os: 'linux', architecture: wanted.architecture })
    const index = indexOf({ ...entry, platform: { os, architecture } })
    expect(choosePlatform(index, wanted).digest).toBe(digest)
  })

  it('of another name stays another', () => {
    for (const [os, architecture] of [
      ['windows', 'amd64'],
      ['linux', 'arm64'],
      ['windows', ''],
      ['linux', 'constructor'],
    ] as const) {
      expect(fitsPlatform({ os, architecture }, amd)).toBe(false)
      expect(() => choosePlatform(indexOf({ ...entry, platform: { os, architecture } }), amd)).toThrowError(
        /linux.amd64/,
      )
    }
  })
})
