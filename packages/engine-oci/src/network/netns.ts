import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run, runOk } from '@flotilla/host'

/** Makes a network namespace that lives as long as its pin, a bind mount at `path`. A stale pin is replaced. */
export async function pinNamespace(path: string, signal?: AbortSignal): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true, mode: 0o700 })
  await unpinNamespace(path)
  await writeFile(path, '', { mode: 0o600 })
  try {
    await runOk(['unshare', `--net=${path}`, 'true'], {
      timeoutMs: 10_000,
      ...(signal === undefined ? {} : { signal }),
    })
  } catch (error) {
    await unpinNamespace(path)
    throw error
  }
}

/** Lets a namespace go; with its last process it and its links end. Idempotent. */
export async function unpinNamespace(path: string): Promise<void> {
  while (await isPinned(path)) await runOk(['umount', '-l', path], { timeoutMs: 10_000 })
  await rm(path, { force: true })
}

export async function isPinned(path: string): Promise<boolean> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8')
  return mounts.split('\n').some((line) => line.split(' ')[4] === path && line.includes(' - nsfs '))
}

/** The names of all pins, mounted or not. */
export async function listPins(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

/** Whether links of this name are there; `ip` says 1 where not. */
export async function hasLink(name: string): Promise<boolean> {
  return (await run(['ip', 'link', 'show', 'dev', name], { timeoutMs: 10_000 })).exitCode === 0
}
