'use client'

import type { EngineInfo } from '@flotilla/protocol'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTrpc } from '../data/trpc.ts'

/** Why an engine cannot do something; null where it can. */
export function troubleOf(engine: EngineInfo, method: string): string | null {
  if (engine.state !== 'ready') return engine.reason ?? ''
  const capability = engine.capabilities[method]
  return capability?.available === false ? capability.reason : null
}

export type ChosenPlace = ReturnType<typeof usePlace>

/** Where a thing is made: as chosen, else this very machine, and an engine there that can do it. */
export function usePlace(method: string, hostId: string) {
  const hosts = useQuery(useTrpc().hosts.list.queryOptions({})).data ?? []
  const [chosenHost, setHost] = useState(hostId)
  const [chosenEngine, setEngine] = useState('')
  const host =
    hosts.find((each) => each.id === chosenHost) ??
    hosts.find((each) => each.transport === 'socket' && each.state === 'connected') ??
    hosts.find((each) => each.state === 'connected')
  const engine =
    host?.engines.find((each) => each.id === chosenEngine) ??
    host?.engines.find((each) => troubleOf(each, method) === null)
  return { method, hosts, host, engine, setHost, setEngine }
}
