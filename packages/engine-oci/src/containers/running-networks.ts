import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import type { RunningNetwork } from '../network/index.ts'
import { attachmentsOf } from './attachments.ts'
import { bundleOf, type Context } from './context.ts'

const Config = z.object({
  linux: z.object({ namespaces: z.array(z.object({ type: z.string(), path: z.string().optional() })) }),
})

/** What records tell of the networks of containers that run, those that can be read first. */
export async function runningNetworks(context: Context): Promise<RunningNetwork[]> {
  const { store } = context
  const known = store.all().flatMap((record) => {
    const { id, name, run, spec } = record
    if (run === null || spec.network !== 'bridge') return []
    return [{ containerId: id, name, ports: run.ports, networks: attachmentsOf(context, record) }]
  })
  const aside = store.setAside.all().flatMap(({ id, name, seen }) => {
    const { spec, run } = seen
    return spec.network === 'bridge' || spec.network === ''
      ? [{ containerId: id, name, ports: run.ports, networks: [] }]
      : []
  })
  return Promise.all(
    [...known, ...aside].map(async (each) => ({ ...each, pin: await pinOf(context, each.containerId) })),
  )
}

/** As the runtime's document names it: a container may have taken over a namespace that was prepared under another name. */
async function pinOf(context: Context, id: string): Promise<string> {
  const text = await readFile(join(bundleOf(context, id), 'config.json'), 'utf8').catch(() => '{}') // not begun yet
  const config = Config.safeParse(parseDocument(text))
  const path = config.success ? config.data.linux.namespaces.find(({ type }) => type === 'network')?.path : undefined
  return path === undefined ? id : basename(path)
}

function parseDocument(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return {} // half written: nothing was started from it
  }
}
