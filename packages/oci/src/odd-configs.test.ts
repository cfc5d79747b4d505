import { describe, expect, it } from 'vitest'
import { digestOf } from './digest.ts'
import { parseImageConfig } from './image-config.ts'
import { checkLayers } from './manifest.ts'

const digest = digestOf('x')
const parse = (value: unknown) => parseImageConfig(Buffer.from(JSON.stringify(value)))
const run = (config: unknown) => parse({ os: 'linux', architecture: 'amd64', config }).config
const long = 'x'.repeat(500_000)

describe('an image config as an old or odd pusher writes it', () => {
  it('may leave out what it runs on, its layers and their type', () => {
    const nothing = { os: '', architecture: '', rootfs: { diff_ids: [] } }
    expect(parse({})).toMatchObject(nothing)
    expect(parse({ os: null, architecture: null, rootfs: null, config: null, history: null })).toMatchObject(nothing)
    expect(parse({ os: '', architecture: '', rootfs: { type: '', diff_ids: null } })).toMatchObject(nothing)
    for (const type of [undefined, null, '', 'layers', 'layers+base']) {
      expect(parse({ rootfs: { type, diff_ids: [digest] } }).rootfs).toEqual({ diff_ids: [digest] })
    }
  })

  it('may have its names in another case, as Go reads them', () => {
    const shouted = {
      OS: 'linux',
      Architecture: 'arm64',
      Config: { cmd: ['sh'], ENV: ['a=b'] },
      RootFS: { Diff_IDs: [digest] },
    }
    expect(parse(shouted)).toMatchObject({
      ...{ os: 'linux', architecture: 'arm64', rootfs: { diff_ids: [digest] } },
      config: { Cmd: ['sh'], Env: ['a=b'] },
    })
    expect(parse({ OS: 'windows', os: 'linux', Os: 7 }).os).toBe('linux')
  })

  it('takes null for nothing, in lists and among their words', () => {
    expect(
      run({
        ...{ User: null, Env: null, Cmd: null, Entrypoint: null, WorkingDir: null },
        ...{ ExposedPorts: null, Volumes: null, Labels: null, StopSignal: null },
      }),
    ).toEqual({})
    expect(run({ Env: [null, 'A=b'], Cmd: ['sh', null], Labels: { a: null } })).toEqual({
      ...{ Env: ['A=b'], Cmd: ['sh', ''], Labels: { a: '' } },
    })
  })

  it('may give one word for a command line', () => {
    expect(run({ Cmd: 'serve all', Entrypoint: '/bin/tool' })).toEqual({
      Cmd: ['serve all'],
      Entrypoint: ['/bin/tool'],
    })
    expect(run({ Cmd: ['serve'], Entrypoint: '' })).toEqual({ Cmd: ['serve'], Entrypoint: [] })
    expect(run({ Entrypoint: [''] })).toEqual({ Entrypoint: [] })
  })

  it('is not refused for what only describes it', () => {
    const odd = parse({
      ...{ os: 'linux', architecture: 'amd64', variant: 8, created: { at: 'noon' }, comment: long, author: [] },
      history: [null, 'step', { created: 7, created_by: long, comment: [], empty_layer: 'yes' }, { created_by: 'RUN' }],
      config: {
        Labels: { a: 'b', c: 7, d: {} },
        StopSignal: 15,
        ExposedPorts: ['80'],
        Healthcheck: 'none',
        OnBuild: 'x',
      },
    })
    expect(odd.history).toEqual([{}, {}, { created_by: long }, { created_by: 'RUN' }])
    expect(odd.config).toEqual({ Labels: { a: 'b' } })
    expect(odd.created).toBeUndefined()
    expect(parse({ history: 'long ago', config: { Labels: 'a=b' } }).history).toBeUndefined()
  })

  it('may be as long as the document', () => {
    expect(run({ Labels: { a: long, b: long, [long]: '' } })?.Labels).toEqual({ a: long, b: long, [long]: '' })
    expect(run({ User: long, WorkingDir: long, Cmd: [long] })).toEqual({ User: long, WorkingDir: long, Cmd: [long] })
    expect(run({ Env: Array(5000).fill('a=b') })?.Env).toHaveLength(5000)
  })

  it.each([
    ['architecture', { architecture: 7 }],
    ['rootfs.diff_ids', { rootfs: { type: 'layers', diff_ids: digest } }],
    ['rootfs.diff_ids.1', { rootfs: { type: 'layers', diff_ids: [digest, null] } }],
    ['config', { config: 'sh' }],
    ['config.Env', { config: { Env: 'PATH=/' } }],
    ['config.Env.1', { config: { Env: ['A=b', 7] } }],
    ['config.Cmd.0', { config: { Cmd: [1] } }],
    ['config.Entrypoint', { config: { Entrypoint: { sh: true } } }],
    ['config.User', { config: { User: 1000 } }],
    ['config.Volumes', { config: { Volumes: ['/data'] } }],
    ['config.WorkingDir', { config: { WorkingDir: [] } }],
  ])('is refused by the name of its field: %s', (field, value) => {
    expect(() => parse(value)).toThrowError(
      expect.objectContaining({
        ...{ code: 'INVALID_ARGUMENT', kind: 'image.notOci', params: { what: 'The image config', field } },
        message: expect.stringContaining(`in its field ${field},`) as unknown,
      }),
    )
  })

  it('has to name as many layers as its manifest', () => {
    const layers = [{ mediaType: '', digest, size: 1 }]
    const manifest = { config: { mediaType: '', digest, size: 1 }, layers }
    expect(() => checkLayers(manifest, parse({ rootfs: { diff_ids: [digest] } }))).not.toThrow()
    expect(() => checkLayers({ ...manifest, layers: [] }, parse({}))).not.toThrow()
    expect(() => checkLayers(manifest, parse({ rootfs: { type: 'layers' } }))).toThrowError(
      /its manifest has 1 layers, its config names 0 in rootfs\.diff_ids/,
    )
  })
})
