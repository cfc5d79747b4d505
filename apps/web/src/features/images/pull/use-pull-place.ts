'use client'

import type { EngineInfo } from '@flotilla/protocol'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTrpc } from '../../../data/trpc.ts'

/** Why an engine cannot pull; null where it can. */
export function pullTrouble(engine: EngineInfo): string | null {
  if (engine.state !== 'ready') return engine.reason ?? ''
  const capability = engine.capabilities['images.pull']
  return capability?.available === false ? capability.reason : null
}

/** Where an image goes: as chosen, else this very machine, and an engine there that can. */
export function usePullPlace(hostId: string) {
  const hosts = useQuery(useTrpc().hosts.list.queryOptions({})).data ?? []
  const [chosenHost, setHost] = useState(hostId)
  const [chosenEngine, setEngine] = useState('')
  const host =
    hosts.find((each) => each.id === chosenHost) ??
    hosts.find((each) => each.transport === 'socket' && each.state === 'connected') ??
    hosts.find((each) => each.state === 'connected')
  const engine =
    host?.engines.find((each) => each.id === chosenEngine) ?? host?.engines.find((each) => pullTrouble(each) === null)
  return { hosts, host, engine, setHost, setEngine }
}
