import { expect, it } from 'vitest'
import { ContainerAnswer } from '../docker-answers.ts'
import { runningAnswer } from '../testing/captured-container.ts'
import { NetworkAnswer } from './network-answers.ts'
import { lacksNetworkIds, withNetworkIds } from './network-ids.ts'

const [one, two] = ['ab12'.repeat(16), 'cd34'.repeat(16)]
const all = [
  NetworkAnswer.parse({ Id: one, Name: 'shop', Driver: 'bridge' }),
  NetworkAnswer.parse({ Id: two, Name: 'back', Driver: 'bridge' }),
]

function on(places: Record<string, string>): ContainerAnswer {
  const Networks = Object.fromEntries(Object.entries(places).map(([key, NetworkID]) => [key, { NetworkID }]))
  const { NetworkSettings } = runningAnswer
  return ContainerAnswer.parse({ ...runningAnswer, NetworkSettings: { ...NetworkSettings, Networks } })
}
const idsOf = (answer: ContainerAnswer) =>
  Object.values(withNetworkIds(answer, all).NetworkSettings.Networks).map(({ NetworkID }) => NetworkID)

it('finds the networks of a container that never started by whatever they were asked for', () => {
  expect(idsOf(on({ shop: '', [two]: '' }))).toEqual([one, two])
  expect(idsOf(on({ ab12ab12: '' }))).toEqual([one])
  expect(idsOf(on({ gone: '', host: '', none: '' }))).toEqual(['', '', ''])
})

it('asks for nothing where Docker tells all ids, as it does of the modes', () => {
  expect([on({ shop: '' }), on({ shop: one }), on({ host: '' }), on({})].map(lacksNetworkIds)).toEqual([
    ...[true, false, false, false],
  ])
  const answer = on({ shop: one })
  expect(withNetworkIds(answer, [])).toBe(answer)
})
