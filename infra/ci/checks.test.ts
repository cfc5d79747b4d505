import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cruise } from 'dependency-cruiser'
import { ESLint } from 'eslint'
import extractConfiguration from 'dependency-cruiser/config-utl/extract-depcruise-config'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { complaintsAbout } from './docs.mjs'
import { duplicates } from './duplicates.mjs'
import { tooLong } from './file-length.mjs'

const project = fileURLToPath(new URL('../../', import.meta.url))
const rules = extractConfiguration(join(project, '.dependency-cruiser.cjs'))
let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'flotilla-checks-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

async function write(files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
}

/** Names of the rules that a tree of these files breaks. */
async function broken(files: Record<string, string>): Promise<string[]> {
  await write({ 'tsconfig.json': '{}', ...files })
  const folders = [...new Set(Object.keys(files).map((path) => path.split('/')[0] ?? ''))]
  const { options, ...ruleSet } = await rules
  const { output } = await cruise(folders, { ...options, ruleSet, validate: true, baseDir: root })
  if (typeof output === 'string') throw new Error(output)
  return [...new Set(output.summary.violations.map((violation) => violation.rule.name))].sort()
}

/** The complaints of types and of the rules that ask types about one file. */
async function typedComplaints(text: string): Promise<string> {
  await write({ 'tsconfig.json': '{ "compilerOptions": { "strict": true }, "include": ["src"] }', 'src/file.ts': text })
  const argv = ['--config', join(project, '.oxlintrc.json'), '--format', 'unix', '.']
  return new Promise((resolve) => {
    execFile(join(project, 'node_modules/.bin/oxlint'), argv, { cwd: root }, (_error, stdout) => resolve(stdout))
  })
}

describe('types and typed lint', () => {
  it('fails on a wrong type, on a promise that nobody awaits and on a case that is left out', async () => {
    const complaints = await typedComplaints(
      [
        "export const count: number = 'three'",
        "export function end(close: () => Promise<void>, way: 'slow' | 'quick'): void {",
        '  close()',
        "  switch (way) { case 'slow': break }",
        '}',
      ].join('\n'),
    )
    expect(complaints).toContain('TS2322')
    expect(complaints).toContain('no-floating-promises')
    expect(complaints).toContain('switch-exhaustiveness-check')
  })

  it('has nothing to say of what is right', async () => {
    expect(await typedComplaints('export const count: number = 3\n')).toBe('')
  })
})

const value = 'export const value = 1\n'
const uses = (path: string) => `import { value } from '${path}'\nexport const mine = value\n`

describe('import directions', () => {
  it('lets a room import what lies below it', async () => {
    expect(
      await broken({
        'packages/protocol/src/index.ts': value,
        'packages/engine-oci/src/index.ts': uses('../../protocol/src/index.ts'),
      }),
    ).toEqual([])
  })

  it('fails on an engine that imports an engine', async () => {
    const rules = await broken({
      'packages/engine-docker/src/index.ts': value,
      'packages/engine-oci/src/index.ts': uses('../../engine-docker/src/index.ts'),
    })
    expect(rules).toContain('engines never import engines')
  })

  it('fails on an app that imports an app, and on a foundation that imports an app', async () => {
    const rules = await broken({
      'apps/agent/src/main.ts': value,
      'apps/control-plane/src/main.ts': uses('../../agent/src/main.ts'),
      'packages/link/src/index.ts': uses('../../../apps/agent/src/main.ts'),
    })
    expect(rules).toContain('apps never import apps')
    expect(rules).toContain('direction of packages/link')
  })

  it('fails on protocol importing what stands above it', async () => {
    const rules = await broken({
      'packages/host/src/index.ts': value,
      'packages/protocol/src/index.ts': uses('../../host/src/index.ts'),
    })
    expect(rules).toEqual(['direction of packages/protocol'])
  })

  it('fails on a room that no rule names, whatever it imports', async () => {
    const rules = await broken({
      'packages/protocol/src/index.ts': value,
      'packages/newcomer/src/index.ts': uses('../../protocol/src/index.ts'),
      'infra/newcomer/main.ts': uses('../../packages/protocol/src/index.ts'),
    })
    expect(rules).toEqual(['a room without a rule imports nothing'])
  })

  it('lets tests import the testkit, and fails on a product that does', async () => {
    const kit = { 'packages/testkit/src/index.ts': value }
    const allowed = await broken({
      ...kit,
      'packages/engine-oci/src/life.engine.test.ts': uses('../../testkit/src/index.ts'),
      'apps/agent/src/testing/fake-agent.ts': uses('../../../../packages/testkit/src/index.ts'),
      'infra/bench/main.ts': uses('../../packages/testkit/src/index.ts'),
    })
    expect(allowed).toEqual([])
    const rules = await broken({
      ...kit,
      'packages/engine-oci/src/index.ts': uses('../../testkit/src/index.ts'),
      'apps/agent/src/main.ts': uses('../../../packages/testkit/src/index.ts'),
      'infra/up/up.mjs': uses('../../packages/testkit/src/index.ts'),
    })
    expect(rules).toEqual(['direction of apps/agent', 'direction of infra/up', 'direction of packages/engine-[^/]+'])
  })

  it('fails on a package, a test or the testkit that imports infra, and on infra that imports browser tests', async () => {
    const rules = await broken({
      'infra/up/index.ts': value,
      'playwright/lib/index.ts': value,
      'packages/testkit/src/index.ts': uses('../../../infra/up/index.ts'),
      'packages/engine/src/index.ts': uses('../../../infra/up/index.ts'),
      'packages/engine/src/engine.test.ts': uses('../../../infra/up/index.ts'),
      'infra/bench/main.ts': uses('../../playwright/lib/index.ts'),
      'infra/spine/spine.engine.test.ts': uses('../../playwright/lib/index.ts'),
      'playwright/tests/a.spec.ts': uses('../../infra/up/index.ts'),
    })
    expect(rules).toEqual([
      'direction of infra/bench',
      'direction of infra/spine',
      'direction of packages/engine',
      'direction of packages/testkit',
      'direction of playwright',
      'direction of tests of packages/engine',
    ])
  })

  it('fails on infra that goes past the exports of a package', async () => {
    const rules = await broken({
      'packages/host/src/run.ts': value,
      'infra/bench/main.ts': uses('../../packages/host/src/run.ts'),
    })
    expect(rules).toEqual(['infra enters packages by their exports'])
  })

  it('lets the web take types from the api, and nothing that runs', async () => {
    const types = await broken({
      'packages/api/src/client.ts': 'export interface Router { a: 1 }\n',
      'apps/web/app/page.ts':
        "import type { Router } from '../../../packages/api/src/client.ts'\nexport type R = Router\n",
    })
    expect(types).toEqual([])
    const values = await broken({
      'packages/api/src/client.ts': value,
      'apps/web/app/page.ts': uses('../../../packages/api/src/client.ts'),
    })
    expect(values).toEqual(['the web takes types alone from the api'])
  })

  it('fails on a cycle and on a way past the exports', async () => {
    const rules = await broken({
      'packages/oci/src/index.ts': uses('./two.ts'),
      'packages/oci/src/two.ts': "import { mine } from './index.ts'\nexport const value = mine\n",
      'packages/registry/src/index.ts': uses('../../oci/src/two.ts'),
    })
    expect(rules).toEqual(['no cycles', 'rooms are entered by their exports'])
  })
})

describe('docs', () => {
  beforeEach(() => write({ 'package.json': '{"scripts":{"up":"x"}}', 'infra/there.mjs': '' }))

  it('accepts links, headings and commands that are there', async () => {
    await write({
      'README.md':
        '# A heading\n[b](docs/b.md#two-words) [c](#a-heading) [d](https://x.test)\n```sh\nnpm run up # starts\nnode infra/there.mjs\n```\n',
      'docs/b.md': '## Two words\n[up](../README.md)\n',
    })
    expect([...complaintsAbout(root, 'README.md'), ...complaintsAbout(root, 'docs/b.md')]).toEqual([])
  })

  it('names each that is not', async () => {
    await write({
      'README.md': '[b](docs/gone.md) [c](#nowhere) `npm run fly`\n```sh\nnode infra/gone.mjs\nnpm publish\n```\n',
    })
    expect(complaintsAbout(root, 'README.md')).toHaveLength(5)
  })
})

it('names files of more than 500 lines', async () => {
  await write({ 'long.ts': '\n'.repeat(501), 'short.ts': '\n'.repeat(500) })
  expect(tooLong(root, ['long.ts', 'short.ts'])).toEqual([expect.stringContaining('long.ts has 501 lines')])
})

it('reports a run of lines that stands in two places, and no shorter one', () => {
  const lines = (from: number, count: number) =>
    Array.from({ length: count }, (_, at) => `line ${from + at}`).join('\n')
  const texts = new Map([
    ['a.ts', `import { a } from 'a'\n${lines(0, 12)}\n}\nother`],
    ['b.ts', `before\n${lines(0, 12)}\nanother`],
    ['c.ts', lines(0, 9)],
  ])
  expect(duplicates(texts)).toEqual([{ lines: 12, places: ['a.ts:2', 'b.ts:2'] }])
})

describe('lint about nouns', () => {
  const eslint = new ESLint({ cwd: project })
  const complaints = async (text: string, path = 'packages/api/src/any.ts') => {
    const [result] = await eslint.lintText(text, { filePath: join(project, path) })
    return (result?.messages ?? []).filter(({ message }) =>
      /a fact that the noun states|Name another noun/.test(message),
    )
  }

  it.each([
    "kind === 'volume'",
    'kind === `volume`',
    "method === 'volumes.remove'",
    "method.startsWith('volumes.')",
    "['volume'].includes(kind)",
    "new Set(['volume'])",
    "new Map([['volume', 1]])",
    '({ volume: 1, network: 2 })',
    "({ 'volumes.remove': 1 })",
  ])('fails on %s', async (text) => {
    expect(await complaints(`export const any = (kind, method) => ${text}\n`)).not.toEqual([])
  })

  it.each([
    "({ image: 'busybox', name })",
    "name === 'busybox'",
    "[kind, 'volume']",
    "fail('call', { kind: 'volume' })",
  ])('lets %s be', async (text) => {
    expect(await complaints(`export const any = (kind, name) => ${text}\n`)).toEqual([])
  })

  const protocol = 'packages/protocol/src/nouns'
  it.each([
    ["a noun's values name another by a literal", `${protocol}/volume/any.ts`, "[kind, 'container']"],
    [
      "a noun's values take another's permission by a literal",
      `${protocol}/node/any.ts`,
      "[kind, 'volumes.files.read']",
    ],
    ["a noun's pages ask for another that it does not use", 'apps/web/src/features/volumes/any.ts', "kind === 'image'"],
    ["a noun's place in the rail does", 'apps/web/src/navigation/nouns/images.ts', "kind === 'volume'"],
    ["an engine's room of a noun does", 'packages/engine-oci/src/volumes/any.ts', "method === 'images.pull'"],
  ])('fails where %s', async (_what, path, text) => {
    expect(await complaints(`export const any = (kind, method) => ${text}\n`, path)).not.toEqual([])
  })

  it.each([
    ["a noun's values name itself", `${protocol}/volume/any.ts`, "kind === 'volume'"],
    [
      'one names a field of its own that is called like another',
      `${protocol}/container/any.ts`,
      "({ field: ['image'] })",
    ],
    ["a noun's pages ask for one that it declares to use", 'apps/web/src/features/run/any.ts', "kind === 'volume'"],
    ['they show what is a part of it', 'apps/web/src/features/volumes/files/any.ts', "kind === 'file'"],
  ])('lets it be where %s', async (_what, path, text) => {
    expect(await complaints(`export const any = (kind, method) => ${text}\n`, path)).toEqual([])
  })
})

describe('lint about clocks', () => {
  const eslint = new ESLint({ cwd: project })
  const complaints = async (text: string, path: string) => {
    const [result] = await eslint.lintText(text, { filePath: join(project, path) })
    return (result?.messages ?? []).map(({ ruleId }) => ruleId).filter((rule) => rule === 'time/no-wall-clock')
  }

  it('fails where a wait asks what time it is, in the product and in the tools of its tests', async () => {
    for (const path of [
      'packages/link/src/any.ts',
      'apps/web/src/any.tsx',
      'packages/testkit/src/lab/any.ts',
      'infra/up/any.mjs',
    ]) {
      for (const text of ['Date.now() + 5', 'Date["now"]', 'Date()', 'new Date().getTime()', '+new Date()']) {
        expect(await complaints(`export const any = ${text}\n`, path)).toHaveLength(1)
      }
    }
  })

  it('lets what is written into a record and shown be what it is', async () => {
    for (const text of ['new Date().toISOString()', '{ usedAt: new Date() }', 'performance.now()', 'new Date(5)']) {
      expect(await complaints(`export const any = ${text}\n`, 'packages/db/src/any-repo.ts')).toEqual([])
    }
    expect(await complaints('export const any = Date.now()\n', 'apps/web/src/format/clock.ts')).toEqual([])
  })
})
