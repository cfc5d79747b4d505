import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stagedBuild } from '../up/build.mjs'
import { orSayWhy } from '@flotilla/launch/trouble'

// Builds all that `npm run up` builds, and as it does, into a folder that goes again.
const root = fileURLToPath(new URL('../../', import.meta.url))
const builds = mkdtempSync(join(tmpdir(), 'flotilla-build-'))
const say = (/** @type {string} */ line) => process.stdout.write(`${line}\n`)
try {
  await orSayWhy(async () => {
    await stagedBuild({ root, builds, kind: 'platform', say, signal: new AbortController().signal })
  })
} finally {
  rmSync(builds, { recursive: true, force: true })
}
