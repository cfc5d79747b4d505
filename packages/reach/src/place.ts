import type { Flow } from './flow.ts'
import type { BaseChain } from './rules.ts'

/** Where connection tracking, and the translation of targets and of sources, stand among the chains (netfilter_ipv4.h). */
export const trackingPriority = -200
const [targetPriority, sourcePriority] = [-100, 100]

/** How a chain sees the packets of a flow; or that they do not come by, or that nobody here knows how. */
export type Place = 'elsewhere' | 'notFollowed' | { enter(flow: Flow): Flow; leave(flow: Flow, before: Flow): Flow }

export function placeOf(base: BaseChain, flow: Flow): Place {
  if (base.isClosed === true) return 'notFollowed'
  if (base.hook === 'ingress' || base.hook === 'egress') return atDevice(base, flow)
  return seen(base)
}

/** A device may lie below or behind the one that packets are followed through. */
function atDevice(base: BaseChain, flow: Flow): Place {
  const device = base.hook === 'ingress' ? flow.from : flow.to
  if (base.devices.length > 0 && base.devices.every((each) => each === 'lo')) return 'elsewhere'
  return device !== null && device !== '' && base.devices.every((each) => each === device) && base.devices.length > 0
    ? seen(base)
    : 'notFollowed'
}

/** What the packets are like at a chain. */
function seen({ hook, priority }: BaseChain): Place {
  const isBeforeTracking = hook === 'ingress' || priority <= trackingPriority
  const isTrackedHere = hook === 'prerouting' || hook === 'output' || hook === 'ingress'
  const isUnknownYet = isBeforeTracking && isTrackedHere
  const isLast = hook === 'egress' || (hook === 'postrouting' && priority >= sourcePriority)
  const isFirst = hook === 'ingress' || (isTrackedHere && priority <= targetPriority)
  /** Where what is not the first packet still has, or has again, the target that the caller named. */
  const isAsCalled = (flow: Flow) => !flow.isNew && (flow.isReply ? isLast : isFirst && hook !== 'output')
  return {
    enter: (flow) => ({
      ...flow,
      // What has passed the routing has no interface that it came in by any more.
      ...(hook === 'postrouting' || hook === 'egress' ? { from: null } : {}),
      ...(isUnknownYet && flow.isTracked !== false ? { isTracked: null } : {}),
      ...(isAsCalled(flow) ? { address: flow.originalAddress, port: flow.originalPort } : {}),
      hidesPeers: flow.hasOwnSource && (flow.isReply ? isFirst : isLast),
    }),
    leave: (flow, before) => ({
      ...flow,
      ...{ from: before.from, hidesPeers: false },
      ...(isUnknownYet && flow.isTracked === null ? { isTracked: before.isTracked } : {}),
      ...(isAsCalled(flow) ? { address: before.address, port: before.port } : {}),
    }),
  }
}

/** What is translated is so by the first chain alone that does it, and what is not tracked is not. */
export function isWalked({ type, hook }: BaseChain, flow: Flow): boolean {
  if (type !== 'nat') return true
  if (flow.isTracked !== true) return false
  return hook === 'prerouting' ? flow.translated === null : !flow.hasOwnSource
}
