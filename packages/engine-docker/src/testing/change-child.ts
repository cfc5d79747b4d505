import { createFailurePoint } from '@flotilla/engine'
import { makeAll, takeBack } from './changes.ts'
import { openEngine } from './engine-fixture.ts'

/** An agent of its own for tests that kill it at the named point while it makes and removes: `SOCKET FOLDER POINT NAME IMAGE`. */
const [, , socketPath = '', dataDir = '', point = '', name = '', image = ''] = process.argv
const opened = await openEngine(socketPath, { dataDir, failurePoint: createFailurePoint(point) })
await makeAll(opened, { name, image })
await takeBack(opened, name)
await opened.engine.close()
