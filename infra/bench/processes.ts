import { readdir, readFile } from 'node:fs/promises'

/** Pids of programs of that name whose command line holds a text, and those of their children where asked. */
export async function programsOf(name: string, text: string, withChildren = false): Promise<number[]> {
  const all: { pid: number; parent: number; own: boolean }[] = []
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const [words, status] = await Promise.all(
      ['cmdline', 'status'].map((file) => readFile(`/proc/${entry}/${file}`, 'utf8').catch(() => '')), // it may have ended
    )
    const line = (words ?? '').replaceAll('\0', ' ')
    const parent = Number(/^PPid:\s+(\d+)/m.exec(status ?? '')?.[1] ?? 0)
    const comm = /^Name:\s+(.*)/m.exec(status ?? '')?.[1]
    all.push({ pid: Number(entry), parent, own: comm === name && line.includes(text) })
  }
  const found = new Set(all.filter(({ own }) => own).map(({ pid }) => pid))
  if (withChildren) for (const { pid, parent } of all) if (found.has(parent)) found.add(pid)
  return [...found]
}
