import { identifyProcess, isAlive } from '@flotilla/kernel'

/** This agent as what it makes names it, so that a later one ends what a dead one left: pid and start time. */
export async function ownOwner(): Promise<string> {
  const self = await identifyProcess(process.pid)
  return `${process.pid}:${self?.startTicks ?? 0}`
}

/** Whether the agent that made something is gone. What names none is nobody's. */
export async function isOwnerGone(owner: string): Promise<boolean> {
  const found = /^(\d+):(\d+)$/.exec(owner)
  return found !== null && !(await isAlive({ pid: Number(found[1]), startTicks: Number(found[2]) }))
}
