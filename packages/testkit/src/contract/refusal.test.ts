import { engineOptions } from '@flotilla/protocol'
import { expect, test } from 'vitest'
import { createFakeEngine, fakeImage } from '../fake/engine.ts'
import { Kit } from './kit.ts'
import { fakeMachine } from './machines.ts'
import { isRefused } from './refusal.ts'
import { reachStraight } from './subject.ts'

test.each(engineOptions)(
  'an engine that lacks %s refuses it, naming the field that makes use of it',
  async (option) => {
    const engine = createFakeEngine({ absences: { [option]: 'It is not there.' } })
    const subject = { ...reachStraight(engine), image: fakeImage, volumesImage: fakeImage }
    const kit = new Kit(subject, (client) => client, fakeMachine(engine.host))
    // Whether a terminal survives its agent, or a bridge is guarded, is asked for by nobody.
    const isAsked = !['exec.attach.survivesAgent', 'containers.create.antiSpoofing'].includes(option)
    expect(await isRefused(kit, option)).toBe(isAsked)
    await engine.close()
  },
)
