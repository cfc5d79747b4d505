import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startPlane } from './plane-process.ts'

it('ends a control plane that is not ready in time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-plane-'))
  try {
    const program = join(folder, 'plane.js')
    const pidPath = join(folder, 'pid')
    await writeFile(
      program,
      `require('fs').writeFileSync(${JSON.stringify(pidPath)}, String(process.pid)); setInterval(() => {}, 1000)`,
    )
    const nothing = { url: '', socket: '', migrations: '', failAt: '' }
    const starting = startPlane({ program, folder, ...nothing, timeoutMs: 3000 })
    await expect(starting).rejects.toThrow(/did not start in time/)
    const pid = Number(await readFile(pidPath, 'utf8'))
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/)
  } finally {
    await rm(folder, { recursive: true })
  }
}, 20_000)
