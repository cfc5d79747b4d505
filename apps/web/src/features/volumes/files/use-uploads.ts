'use client'

import { useCallback, useEffect, useRef, useState } from 'react'
import { errorCode } from '../../../data/error.ts'
import { newOperationId } from '../../../data/operation-id.ts'
import { client } from '../../../data/trpc.ts'
import { upload } from './content.ts'
import { joinPath } from './file-path.ts'
import type { Incoming } from './incoming.ts'

export interface UploadState {
  id: number
  name: string
  folder: string
  /** Null: a folder that is made. */
  file: File | null
  doneBytes: number
  /** `there`: a file of that name is there already, and somebody has to say whether it goes. */
  state: 'waiting' | 'running' | 'done' | 'there' | 'failed'
  error: unknown
}

interface Job extends Incoming {
  id: number
  overwrite: boolean
}

/** Files on their way to a volume, one after another, for its whole page: those under way end when that is left. */
export function useUploads(volume: string, onDone: () => void) {
  const [uploads, setUploads] = useState<readonly UploadState[]>([])
  const next = useRef(1)
  const queue = useRef<Job[]>([])
  const isLeft = useRef(false)
  const running = useRef<{ id: number; abort: AbortController } | null>(null)
  const change = useCallback((id: number, patch: Partial<UploadState>) => {
    setUploads((before) => before.map((each) => (each.id === id ? { ...each, ...patch } : each)))
  }, [])
  const drain = useCallback(async () => {
    if (running.current !== null) return
    for (let job = queue.current.shift(); job; job = queue.current.shift()) {
      const { id, file } = job
      const abort = new AbortController()
      running.current = { id, abort }
      change(id, { state: 'running', error: null })
      const onProgress = (doneBytes: number) => change(id, { doneBytes })
      try {
        await (file === null
          ? make(volume, job, abort.signal)
          : send(volume, { ...job, file }, onProgress, abort.signal))
        change(id, { state: 'done', doneBytes: file?.size ?? 0 })
        onDone()
      } catch (error) {
        change(id, { state: errorCode(error) === 'ALREADY_EXISTS' ? 'there' : 'failed', error })
      }
      running.current = null
    }
  }, [volume, onDone, change])
  useEffect(() => {
    isLeft.current = false
    return () => {
      isLeft.current = true
      queue.current = []
      running.current?.abort.abort()
    }
  }, [])
  const begin = (jobs: Job[]) => {
    queue.current.push(...jobs)
    void drain()
  }
  const add = (top: string, incoming: readonly Incoming[]) => {
    if (isLeft.current) return // the folder was still read when somebody left
    const jobs = incoming.map((each) => {
      const folder = each.folder === '' ? top : joinPath(top, each.folder)
      return { ...each, id: next.current++, folder, overwrite: false }
    })
    const shown = jobs.map(({ id, name, folder, file }): UploadState => {
      return { id, name, folder, file, doneBytes: 0, state: 'waiting', error: null }
    })
    setUploads((before) => [...before.filter(({ state }) => state !== 'done'), ...shown])
    begin(jobs)
  }
  const replace = ({ id, folder, name, file }: UploadState) => {
    change(id, { state: 'waiting', doneBytes: 0 })
    begin([{ id, folder, name, file, overwrite: true }])
  }
  const dropWhere = (goes: (upload: { id: number }) => boolean) => {
    queue.current = queue.current.filter((job) => !goes(job))
    if (running.current && goes(running.current)) running.current.abort.abort()
    setUploads((before) => before.filter((each) => !goes(each)))
  }
  return {
    uploads,
    add,
    replace,
    drop: (id: number) => dropWhere((each) => each.id === id),
    /** Ends all that are not done. */
    cancel: () => {
      const open = new Set(uploads.filter(isUnderWay).map(({ id }) => id))
      dropWhere(({ id }) => open.has(id))
    },
  }
}

/** Whether it is on its way, or waits for those before it. */
export function isUnderWay({ state }: UploadState): boolean {
  return state === 'running' || state === 'waiting'
}

function send(volume: string, job: Job & { file: File }, onProgress: (bytes: number) => void, signal: AbortSignal) {
  const { folder, name, file, overwrite } = job
  return upload({ volume, path: joinPath(folder, name), file, overwrite, onProgress, signal })
}

/** Makes a folder; one that is there will do. */
async function make(volume: string, { folder, name }: Job, signal: AbortSignal): Promise<void> {
  const input = { id: volume, path: joinPath(folder, name), operationId: newOperationId() }
  try {
    await client.volumeFiles.mkdir.mutate(input, { signal })
  } catch (error) {
    if (errorCode(error) !== 'ALREADY_EXISTS') throw error
  }
}
