import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Engine, withoutSecrets } from '@flotilla/engine'
import { createLogger } from '@flotilla/log'
import { type Call, fail, registry, systemScope, toFlotillaError } from '@flotilla/protocol'
import { createFakeEngine } from '@flotilla/testkit'
import { marker, markedInput } from '@flotilla/testkit/secret-inputs'
import { expect, test } from 'vitest'
import { openAgent } from './testing/open-agent.ts'

// Every method of the table is walked: what its input's shape marks as a secret is quoted by an engine wherever it can be, and
// is found neither in the journal nor in the log, nor does its caller hear it.

const marked = registry.methodNames.flatMap((name) => {
  const method = registry.method(name)
  const input = method === undefined ? undefined : markedInput(method.input)
  return input === undefined ? [] : [{ name, input }]
})

/** Says what it is asked in its progress, and in its failure or its answer. */
function talkative(outcome: 'fails' | 'answers'): Engine {
  const engine = createFakeEngine()
  const nouns: Record<string, Record<string, unknown>> = {}
  for (const { name } of marked) {
    const [plural = '', verb = ''] = name.split('.')
    nouns[plural] = {
      ...nouns[plural],
      [verb]: async (input: object, { progress }: Call) => {
        const said = JSON.stringify(input)
        progress({ step: 'say', item: said.slice(0, 200), state: 'running' })
        if (outcome === 'answers') return { said }
        throw fail('call.usage', { usage: said }, { detail: said })
      },
    }
  }
  return { ...engine, ...nouns, absences: () => ({}) }
}

const clients = (engine: unknown) =>
  engine as Record<string, Record<string, (input: object, more: object) => Promise<unknown>>>

test('there are methods whose input has secrets', () => {
  expect(marked.map(({ name }) => name).sort()).toEqual(['images.pull', 'volumeFiles.writeText'])
})

test.each(marked)('$name leaves none of them in the journal, the log and its failure', async ({ name, input }) => {
  let logged = ''
  const log = createLogger('test', 'trace', { write: (line) => (logged += line) })
  const agent = await openAgent({ engine: talkative('fails'), log })
  try {
    const [plural = '', verb = ''] = name.split('.')
    const call = clients(agent.engine)[plural]?.[verb]
    const operationId = 'with-a-secret-in-it'
    const error = await call?.(input, { scope: systemScope, operationId }).catch(toFlotillaError)
    expect(JSON.stringify(error)).toContain('[redacted]')
    const heard = await agent.agent.operations.list({}, { scope: systemScope })
    expect(heard).toMatchObject([{ id: operationId, state: 'failed', progress: [{ step: 'say' }] }])
    expect(JSON.stringify([error, heard])).not.toContain(marker)
    expect(await filesOf(agent.dataDir)).toContain(operationId)
    expect(await filesOf(agent.dataDir)).not.toContain(marker)
    expect(logged).not.toContain(marker)
  } finally {
    await agent.close()
  }
})

test.each(marked)('$name echoes none of them in its answer', async ({ name, input }) => {
  const [plural = '', verb = ''] = name.split('.')
  const engine = clients(withoutSecrets(talkative('answers')))
  const answer = await engine[plural]?.[verb]?.(input, { progress: () => {} })
  expect(JSON.stringify(answer).includes(marker)).toBe(registry.method(name)?.verbatim === true)
})

test('the same id with another secret is refused, by the next agent too', async () => {
  const agent = await openAgent({ engine: { ...talkative('answers'), ...writer() } })
  const call = clients(agent.engine)['volumeFiles']?.['writeText']
  const input = marked.find(({ name }) => name === 'volumeFiles.writeText')?.input ?? {}
  const options = { scope: systemScope, operationId: 'write-it-only-once' }
  const first = await call?.(input, options)
  await agent.close(true)
  const next = await openAgent({ engine: { ...talkative('answers'), ...writer() }, dataDir: agent.dataDir })
  try {
    const again = clients(next.engine)['volumeFiles']?.['writeText']
    expect(await again?.(input, options)).toEqual(first)
    await expect(again?.({ ...input, text: `${marker} other` }, options)).rejects.toMatchObject({ code: 'CONFLICT' })
  } finally {
    await next.close()
  }
})

const writer = () => {
  const entry = { name: 'a', type: 'file', sizeBytes: 1, mode: 0o644, uid: 0, gid: 0, linkTarget: null }
  const answer = { version: 'v1', entry: { ...entry, modifiedAt: new Date(0).toISOString() } }
  return { volumeFiles: { writeText: () => Promise.resolve(answer) } } as unknown as Partial<Engine>
}

async function filesOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return (await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'latin1')))).join('\n')
}
