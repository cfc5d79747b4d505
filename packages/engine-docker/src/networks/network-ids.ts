import type { ContainerAnswer } from '../docker-answers.ts'
import { pickNetwork } from './find-network.ts'
import type { NetworkAnswer } from './network-answers.ts'

/** Whether a container has never started: until then Docker has its networks as they were asked for, without their ids. */
export function lacksNetworkIds({ NetworkSettings: { Networks } }: ContainerAnswer): boolean {
  return Object.entries(Networks).some(([key, place]) => isUnresolved(key, place))
}

/** The answer with the id of each network that is there, so that nothing else has to ask whether a container ever ran. */
export function withNetworkIds(answer: ContainerAnswer, all: readonly NetworkAnswer[]): ContainerAnswer {
  if (!lacksNetworkIds(answer)) return answer
  const places = Object.entries(answer.NetworkSettings.Networks).map(([key, place]) => [
    key,
    isUnresolved(key, place) ? { ...place, NetworkID: idOf(key, all) } : place,
  ])
  const Networks = Object.fromEntries(places) as ContainerAnswer['NetworkSettings']['Networks']
  return { ...answer, NetworkSettings: { ...answer.NetworkSettings, Networks } }
}

const isUnresolved = (key: string, { NetworkID }: { NetworkID: string }) =>
  NetworkID === '' && key !== 'host' && key !== 'none'

/** Empty where there is no such network by now, or Docker itself would not know which is meant. */
function idOf(key: string, all: readonly NetworkAnswer[]): string {
  try {
    return pickNetwork(all, key, 1)?.Id ?? ''
  } catch {
    return ''
  }
}
