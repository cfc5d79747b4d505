import { readFileSync, readdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { openWithAgent, type WithAgent } from '../../apps/control-plane/src/testing/with-agent.ts'
import { testPassword } from '../../apps/control-plane/src/testing/open-control-plane.ts'
import { Role } from '@flotilla/protocol'
import type { Figures, Fuzzed } from './fuzzed.ts'

// A control plane beside the real agent over an engine in memory. It prints where it listens and how everybody signs in, and for
// each line that it reads a line of what the two hold. It wants to be run with --expose-gc.

/** Fewer than in production, so that what goes with the hour is seen to go. */
const retained = 2000

/** What a process has in memory, in MiB, and open. */
function ofProcess(pid: number | string): { rssMiB: number; open: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kiB = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0)
  return { rssMiB: kiB >> 10, open: readdirSync(`/proc/${pid}/fd`).length }
}

async function figuresOf({ plane, agent }: WithAgent): Promise<Figures> {
  for (let time = 0; time < 3; time += 1) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  await plane.app.db.audit.prune({ days: 365, entries: retained }, new AbortController().signal)
  const tables = await plane.app.db.prisma.$queryRaw<{ name: string }[]>`
    SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`
  const rows: Record<string, number> = {}
  for (const { name } of tables) {
    const [found] = await plane.app.db.prisma.$queryRawUnsafe<{ n: bigint }[]>(`SELECT count(*) AS n FROM "${name}"`)
    rows[name] = Number(found?.n ?? 0)
  }
  // Others may use the folder of temporary files: what stands in it counts, not what is in that.
  const files =
    readdirSync(plane.folder, { recursive: true }).length + readdirSync(process.env['TMPDIR'] ?? '/tmp').length
  return {
    rows,
    plane: { ...ofProcess('self'), heapMiB: process.memoryUsage().heapUsed >> 20 },
    agent: ofProcess(agent.pid ?? 0),
    files,
  }
}

async function main(): Promise<void> {
  const all = await openWithAgent({ containers: 20, layerMs: 1, env: { FLOTILLA_AUDIT_ENTRIES: String(retained) } })
  const people: Fuzzed['people'] = []
  for (const role of Role.options) {
    const { key, userId } = await all.plane.person(role)
    people.push({ role, key, userId, email: `${role}@example.org`, password: testPassword })
  }
  const started: Fuzzed = { url: all.plane.url, hostId: all.host().id, people }
  process.stdout.write(`${JSON.stringify(started)}\n`)
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'end') break
    process.stdout.write(`${JSON.stringify(await figuresOf(all))}\n`)
  }
  await all.dispose()
  process.exit(0)
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`)
  process.exit(1)
})
