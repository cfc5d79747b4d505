import { demoImages, makeLayeredImage, makeWebImage } from '@flotilla/images/demo'
import { freshLayout } from '@flotilla/images/layout'
import { pushLayout } from '@flotilla/images/push-layout'
import { startRegistry } from '@flotilla/testkit/registry-server'
import { randomBytes } from 'node:crypto'
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@flotilla/testkit/lab/free-port'

export interface TestRegistry {
  /** `127.0.0.1:41233`, as it stands in references. */
  readonly host: string
  /** `demo/web:1` and `demo/layers:1`; one with large layers, so that its pull is seen; one without a command. */
  readonly images: { web: string; layers: string; slow: string; mute: string }
  stop(): Promise<void>
}

/** A real registry on loopback with images made here. */
export async function openRegistry(): Promise<TestRegistry> {
  const dir = await mkdtemp(join(tmpdir(), 'flotilla-registry-'))
  const server = await startRegistry({ dir: join(dir, 'registry'), port: await freePort() })
  const images = {
    web: `${server.host}/${demoImages.web}`,
    layers: `${server.host}/${demoImages.layers}`,
    slow: `${server.host}/demo/slow:1`,
    mute: `${server.host}/demo/mute:1`,
  }
  const signal = AbortSignal.timeout(60_000)
  const make: Record<keyof typeof images, (layout: string) => Promise<void>> = {
    web: makeWebImage,
    layers: makeLayeredImage,
    slow: makeSlowImage,
    mute: makeMuteImage,
  }
  try {
    for (const name of ['web', 'layers', 'slow', 'mute'] as const) {
      await make[name](join(dir, name))
      await pushLayout(join(dir, name), images[name], signal)
    }
  } catch (error) {
    await server.stop()
    await rm(dir, { recursive: true, force: true })
    throw error
  }
  return {
    ...{ host: server.host, images },
    async stop() {
      await server.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** Large layers, not packed, which would take longer than all that a pull does with them. */
async function makeSlowImage(dir: string): Promise<void> {
  const layout = await freshLayout(dir)
  for (let at = 0; at < 4; at += 1) {
    const root = await mkdtemp(join(tmpdir(), 'flotilla-layer-'))
    await writeFile(join(root, `random-${at}`), randomBytes(24 * 1024 * 1024))
    await layout.addLayer({ folder: root, compression: 'none', createdBy: `COPY random-${at} /` })
    await rm(root, { recursive: true })
  }
  await layout.finish({ Cmd: ['/random-0'] })
}

/** An image that names no command. */
async function makeMuteImage(dir: string): Promise<void> {
  const layout = await freshLayout(dir)
  const root = await mkdtemp(join(tmpdir(), 'flotilla-layer-'))
  await mkdir(join(root, 'data'))
  await layout.addLayer({ folder: root, createdBy: 'COPY data /data' })
  await rm(root, { recursive: true })
  await layout.finish({})
}
