import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FlotillaError } from '@flotilla/protocol'
import type { Section } from './section.ts'

/** The two newest runs of a bench. */
export interface Runs {
  before?: Section
  now: Section
}

/** What was measured so far, by the bench's id. */
export interface History {
  /** The figures that later ones are held against. Written once for each bench. */
  baseline: Readonly<Record<string, Section>>
  runs: Readonly<Record<string, Runs>>
}

/** A run more: the newest before it becomes the one before. The baseline stays as it is. */
export function withRun(history: History, section: Section): History {
  const earlier = history.runs[section.id]?.now
  const runs: Runs = { ...(earlier === undefined ? {} : { before: earlier }), now: section }
  return { ...history, runs: { ...history.runs, [section.id]: runs } }
}

/** Throws CONFLICT where a bench has its baseline already: that is never measured anew. */
export function refuseBaseline({ baseline }: History, ids: readonly string[]): void {
  const known = ids.filter((id) => baseline[id] !== undefined)
  if (known.length === 0) return
  throw new FlotillaError(
    'CONFLICT',
    `There is a baseline of ${known.join(', ')} already, and it is never overwritten. Run them without --baseline.`,
  )
}

/** Throws CONFLICT as `refuseBaseline` does. */
export function withBaseline(history: History, section: Section): History {
  refuseBaseline(history, [section.id])
  return { ...history, baseline: { ...history.baseline, [section.id]: section } }
}

/** Reads `baseline.json` and `runs.json` of the folder; a file that is not there holds nothing. */
export async function readHistory(folder: string): Promise<History> {
  return {
    baseline: await readJson<History['baseline']>(join(folder, 'baseline.json')),
    runs: await readJson<History['runs']>(join(folder, 'runs.json')),
  }
}

export async function writeHistory(folder: string, { baseline, runs }: History): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'baseline.json'), `${JSON.stringify(baseline, null, 2)}\n`)
  await writeFile(join(folder, 'runs.json'), `${JSON.stringify(runs, null, 2)}\n`)
}

async function readJson<Value extends object>(path: string): Promise<Value> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw error
  })
  return JSON.parse(text) as Value
}
