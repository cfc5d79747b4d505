import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Call, type ContainerSpecInput, systemScope, volumeFileNoun, volumeMethods } from '@flotilla/protocol'
import { makeVolumesImage } from '@flotilla/images/volumes'
import { createImageStore } from '../images/index.ts'
import type { Opened, Place } from './engine-fixture.ts'

/** The image with VOLUMEs: see `makeVolumesImage`. */
export const volumeImage = 'flotilla.local/volumes:1'

/** Puts `volumeImage` into the store of a place that no engine has open. */
export async function addVolumeImage(place: Place): Promise<void> {
  const base = await mkdtemp(join(tmpdir(), 'flotilla-volume-image-'))
  try {
    await makeVolumesImage(join(base, 'layout'))
    const images = await createImageStore({ dir: join(place.dataDir, 'images') })
    const signal = AbortSignal.timeout(60_000)
    await images.recover(signal)
    await images.importLayout(join(base, 'layout'), volumeImage, { signal, progress: () => {} })
    await images.close()
  } finally {
    await rm(base, { recursive: true })
  }
}

let count = 0

/** A call with an operation id of its own. */
export function aCall(options: Partial<Call> = {}): Call {
  count += 1
  const signal = AbortSignal.timeout(60_000)
  return { signal, scope: systemScope, operationId: `volume-operation-${count}`, progress: () => {}, ...options }
}

/** The engine's volume methods with inputs that are parsed first, as a link does. */
export function volumeClient({ engine }: Pick<Opened, 'engine'>) {
  const { volumes, volumeFiles } = engine
  const inputs = volumeMethods
  const files = volumeFileNoun.methods
  type Raw<M extends { input: { _zod: { input: unknown } } }> = M['input']['_zod']['input']
  return {
    list: () => volumes.list({}, aCall()),
    inspect: (id: string) => volumes.inspect({ id }, aCall()),
    measure: (id: string, call = aCall()) => volumes.measure({ id }, call),
    create: async (input: Raw<typeof inputs.create>, call = aCall()) =>
      (await volumes.create(inputs.create.input.parse(input), call)).volume,
    clone: async (input: Raw<typeof inputs.clone>, call = aCall()) =>
      (await volumes.clone(inputs.clone.input.parse(input), call)).volume,
    rename: async (id: string, name: string) =>
      (await volumes.rename(inputs.rename.input.parse({ id, name }), aCall())).volume,
    remove: (id: string) => volumes.remove({ id }, aCall()),
    prunePreview: (all = false) => volumes.prunePreview({ all }, aCall()),
    /** As after a preview that has just been made. */
    prune: (ids: string[], call = aCall()) =>
      volumes.prune({ ids, marks: Object.fromEntries(ids.map((id) => [id, 'named'])) }, call),
    readText: (id: string, path: string) => volumeFiles.readText(files.readText.input.parse({ id, path }), aCall()),
    writeText: (input: Raw<typeof files.writeText>) =>
      volumeFiles.writeText(files.writeText.input.parse(input), aCall()),
    files: (id: string, path: string) => volumeFiles.list(files.list.input.parse({ id, path }), aCall()),
    write: (input: Raw<typeof files.write>, body: AsyncIterable<Uint8Array>, call = aCall()) =>
      volumeFiles.write(files.write.input.parse(input), body, call),
    read: (input: Raw<typeof files.read>) => collect(volumeFiles.read(files.read.input.parse(input), aCall())),
    removeFile: (id: string, path: string, recursive = false) =>
      volumeFiles.remove(files.remove.input.parse({ id, path, recursive }), aCall()),
    mkdir: (id: string, path: string) => volumeFiles.mkdir(files.mkdir.input.parse({ id, path }), aCall()),
    renameFile: (id: string, path: string, to: string) =>
      volumeFiles.rename(files.rename.input.parse({ id, path, to }), aCall()),
  }
}

export async function collect(items: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of items) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Makes a container that runs a shell line. */
export async function createShell(
  { client }: Pick<Opened, 'client'>,
  script: string,
  spec: Partial<ContainerSpecInput> = {},
): Promise<string> {
  const command = ['/bin/sh', '-c', script]
  const { container } = await client.containers.create({ image: volumeImage, network: 'none', command, ...spec })
  return container.id
}

/** Runs a container to its end and gives what it printed. */
export async function runToEnd({ client }: Pick<Opened, 'client'>, id: string): Promise<string> {
  await client.containers.start({ id })
  const lines: string[] = []
  for await (const batch of client.containers.logs({ id, follow: true }))
    lines.push(...batch.lines.map(({ text }) => text))
  return lines.join('\n')
}
