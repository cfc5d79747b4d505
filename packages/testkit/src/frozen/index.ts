import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

/**
 * Writes the frozen agent into the folder and gives its path, for `node PATH`. It takes the environment of the real agent
 * (FLOTILLA_DATA_DIR, FLOTILLA_RUN_DIR, FLOTILLA_LOG_LEVEL, FLOTILLA_JOIN_TOKEN with `join URL`), FLOTILLA_FAKE_CONTAINERS for
 * how many containers it begins with, and FLOTILLA_FAKE_LAYER_MS for how long a layer of a pull takes.
 */
export async function unpackSpineAgent(folder: string): Promise<string> {
  const path = join(folder, 'spine-agent.mjs')
  await writeFile(path, await unpacked('spine-agent.mjs.gz'))
  return path
}

/** What happened on a link, in order. A call is known by its link and its HTTP/2 stream on it. */
export type LinkEvent = { link: number; stream: number } & (
  | { is: 'call'; step: string; headers: Record<string, string> }
  /** Base64 of what the caller sent: whole frames of the link. */
  | { is: 'sent'; data: string }
  | { is: 'sent-end' }
  /** A frame of the answer: its value, or base64 of its bytes. */
  | { is: 'answer'; json: unknown }
  | { is: 'answer'; bytes: string }
  /** The trailers. */
  | { is: 'answer-end'; code: string; message: string }
  /** The whole link was cut off. */
  | { is: 'cut' }
)

export interface RecordedCalls {
  /** What the fake engine began with. */
  containers: number
  layerMs: number
  events: LinkEvent[]
  /** JSON Schemas by path: what the recorded control plane takes as a frame of the answer. */
  accepts: Record<string, Record<string, unknown>>
}

/** The recorded calls of the frozen control plane. */
export async function readSpineCalls(): Promise<RecordedCalls> {
  return JSON.parse((await unpacked('spine-calls.json.gz')).toString()) as RecordedCalls
}

async function unpacked(name: string): Promise<Buffer> {
  return gunzipSync(await readFile(new URL(name, import.meta.url)))
}
