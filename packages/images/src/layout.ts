import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

/** The processes' architecture in Go's words. */
const architecture = process.arch === 'x64' ? 'amd64' : process.arch

/** A layer: a folder as it is, or paths of this machine's own root. `.wh.` names are whiteouts. */
export interface LayerContent {
  folder: string
  paths?: readonly string[]
  compression?: 'gzip' | 'zstd' | 'none'
  /** Files keep their owners; without it all are root's. */
  owners?: boolean
  createdBy: string
}

interface Layer {
  mediaType: string
  digest: string
  size: number
  diffId: string
  createdBy: string
}

export interface ImageRun {
  Cmd?: string[]
  Env?: string[]
  ExposedPorts?: Record<string, object>
  WorkingDir?: string
  User?: string
  StopSignal?: string
  Labels?: Record<string, string>
  Volumes?: Record<string, object>
}

/** Builds images as OCI layout folders with nothing but Node and GNU tar; equal content gives equal digests. */
export class LayoutBuilder {
  readonly #dir: string
  readonly #layers: Layer[] = []

  constructor(dir: string) {
    this.#dir = dir
  }

  /** Adds a layer and gives its packed size. */
  async addLayer(content: LayerContent): Promise<number> {
    const blobs = join(this.#dir, 'blobs', 'sha256')
    await mkdir(blobs, { recursive: true })
    const temporary = join(this.#dir, `layer-${this.#layers.length}.tmp`)
    const compression = content.compression ?? 'gzip'
    const diff = createHash('sha256')
    const packed = createHash('sha256')
    let size = 0
    const tar = startTar(content)
    const stages: (Transform | Readable)[] = [tar.stdout, tap((chunk) => diff.update(chunk))]
    const packer =
      compression === 'zstd' ? spawn('zstd', ['-q', '-3', '-c'], { stdio: ['pipe', 'pipe', 'inherit'] }) : undefined
    const counted = tap((chunk) => {
      packed.update(chunk)
      size += chunk.length
    })
    const output = createWriteStream(temporary)
    if (packer !== undefined) {
      await Promise.all([
        pipeline([...stages, packer.stdin] as never),
        pipeline(packer.stdout, counted, output),
        tar.ended,
      ])
    } else {
      if (compression === 'gzip') stages.push(createGzip({ level: 1 }))
      await Promise.all([pipeline([...stages, counted, output] as never), tar.ended])
    }
    const digest = `sha256:${packed.digest('hex')}`
    await rename(temporary, join(blobs, digest.slice(7)))
    const suffix = compression === 'none' ? '' : `+${compression}`
    this.#layers.push({
      mediaType: `application/vnd.oci.image.layer.v1.tar${suffix}`,
      digest,
      size,
      diffId: `sha256:${diff.digest('hex')}`,
      createdBy: content.createdBy,
    })
    return size
  }

  /** Writes config, manifest and index. Gives the manifest's digest. */
  async finish(run: ImageRun): Promise<string> {
    const created = '2025-01-01T00:00:00Z'
    const config = await this.#document({
      created,
      architecture,
      os: 'linux',
      config: { Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'], WorkingDir: '/', ...run },
      rootfs: { type: 'layers', diff_ids: this.#layers.map(({ diffId }) => diffId) },
      history: this.#layers.map(({ createdBy }) => ({ created, created_by: createdBy })),
    })
    const mediaType = 'application/vnd.oci.image.manifest.v1+json'
    const manifest = await this.#document({
      schemaVersion: 2,
      mediaType,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
      layers: this.#layers.map(({ mediaType: type, digest, size }) => ({ mediaType: type, digest, size })),
    })
    const entry = { mediaType, ...manifest, platform: { os: 'linux', architecture } }
    const index = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [entry] }
    await writeFile(join(this.#dir, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
    await writeFile(join(this.#dir, 'index.json'), JSON.stringify(index))
    return manifest.digest
  }

  async #document(value: object): Promise<{ digest: string; size: number }> {
    const data = Buffer.from(JSON.stringify(value))
    const hex = createHash('sha256').update(data).digest('hex')
    await mkdir(join(this.#dir, 'blobs', 'sha256'), { recursive: true })
    await writeFile(join(this.#dir, 'blobs', 'sha256', hex), data)
    return { digest: `sha256:${hex}`, size: data.length }
  }
}

/** Makes an image in a folder that is empty or is made new. */
export async function freshLayout(dir: string): Promise<LayoutBuilder> {
  await rm(dir, { recursive: true, force: true })
  await mkdir(dir, { recursive: true })
  return new LayoutBuilder(dir)
}

function startTar({ folder, paths = ['.'], owners = false }: LayerContent): { stdout: Readable; ended: Promise<void> } {
  const steady = ['--sort=name', '--mtime=@1735689600', '--numeric-owner', '--format=posix']
  if (!owners) steady.push('--owner=0', '--group=0')
  const noTimes = '--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime,delete=mtime'
  const argv = ['-c', ...steady, noTimes, '--warning=no-file-ignored', '-C', folder, ...paths]
  const child = spawn('tar', argv, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, LC_ALL: 'C' } })
  const ended = once(child, 'close').then(([code]: unknown[]) => {
    if (code !== 0) throw new Error(`tar of ${folder} ended with ${String(code)}`)
  })
  return { stdout: child.stdout, ended }
}

function tap(see: (chunk: Buffer) => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      see(chunk)
      done(null, chunk)
    },
  })
}
