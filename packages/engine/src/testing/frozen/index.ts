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
  await writeFile(path, gunzipSync(await readFile(new URL('spine-agent.mjs.gz', import.meta.url))))
  return path
}
